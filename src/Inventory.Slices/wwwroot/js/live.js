// Follows changes as they happen (server-sent events), and shows whether the service can be reached.
import { h, fill, passing } from './elements.js';
import { when } from './words.js';
import { open } from './service.js';
import { session } from './session.js';
import { askToken } from './signIn.js';

const comeBackMilliseconds = 3_000;
// The service says something every 15 seconds, if only that it is there.
const silenceMilliseconds = 20_000;
const watchMilliseconds = 1_000;

/** The streams of which nothing has come for too long, or that are broken: as long as there is one, what is shown is not live. */
const silent = new Set();

/**
 * Follows a stream until it is told to end. After a broken connection it comes back with the id of the last event, so nothing is missed.
 * A tab that nobody sees gives its connection back: browsers allow only a few to one service.
 * The browser's own EventSource would come back by itself, but cannot say who it is: it sends no Authorization header.
 * @param changed is called with each change.
 * @param resumed is called when the connection was away: read again what is shown.
 */
export function follow(path, changed, resumed) {
  let connection = null;
  let lastId = null;
  let timer = null;
  let wasAway = false;
  let proof = null;
  let heardAt = Date.now();
  const stream = {};
  const watch = setInterval(listen, watchMilliseconds);

  /** A connection that died without an error is one that says nothing. */
  function listen() {
    if (!document.hidden && connection !== null && Date.now() - heardAt > silenceMilliseconds) {
      connection.abort();
      away(null);
    }
  }

  function heard() {
    heardAt = lastHeard = Date.now();
    if (silent.delete(stream)) {
      reached();
    }
  }

  async function connect() {
    clearTimeout(timer);
    if (document.hidden) {
      return;
    }

    const own = connection = new AbortController();
    proof = session.proof().Authorization;
    try {
      const answer = await open(path, { headers: lastId === null ? {} : { 'Last-Event-ID': lastId }, signal: own.signal });
      if (own.signal.aborted) {
        return;
      }

      heard();
      reached();
      if (wasAway) {
        wasAway = false;
        resumed();
      }

      for await (const { id, data } of eventsOf(answer.body, heard)) {
        lastId = id;
        changed(data);
      }

      if (!own.signal.aborted) {
        away(null);
      }
    } catch (e) {
      if (!own.signal.aborted) {
        away(e);
      }
    }
  }

  function away(problem) {
    wasAway = true;
    silent.add(stream);
    lost(problem);
    connection = null;
    // A new connection has the same time to say something.
    heardAt = Date.now();
    clearTimeout(timer);
    // Without a token there is nothing to come back for until somebody has signed in.
    if (!session.isOut) {
      timer = setTimeout(connect, problem?.retryAfter === undefined ? comeBackMilliseconds : problem.retryAfter * 1000);
    }
  }

  function close() {
    clearTimeout(timer);
    connection?.abort();
    connection = null;
  }

  function seenAgain() {
    if (document.hidden) {
      wasAway = true;
      close();
    } else if (connection === null) {
      // What was last heard while somebody looked may be hours old.
      if (Date.now() - heardAt > silenceMilliseconds) {
        silent.add(stream);
        lost(null);
      }

      heardAt = Date.now();
      connect();
    }
  }

  function signedIn() {
    if (session.isIn && (connection === null || proof !== session.proof().Authorization)) {
      wasAway = true;
      close();
      connect();
    }
  }

  document.addEventListener('visibilitychange', seenAgain);
  const forget = session.onChange(signedIn);
  connect();
  return () => {
    document.removeEventListener('visibilitychange', seenAgain);
    forget();
    clearInterval(watch);
    close();
    silent.delete(stream);
  };
}

/** The events of a stream as this service writes them: an id, a type and one line of JSON each, with comments between (WHATWG HTML, “Parsing an event stream”). */
async function* eventsOf(body, heard) {
  let rest = '';
  for await (const text of readings(body.pipeThrough(new TextDecoderStream()))) {
    heard();
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]));
      if (fields.data !== undefined) {
        yield { id: fields.id, data: JSON.parse(fields.data) };
      }
    }
  }
}

/** Not every browser lets a stream be looped over. */
async function* readings(stream) {
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    yield read.value;
  }
}

/** When something last came over a stream; or when the page was opened. */
let lastHeard = Date.now();
let wasLost = false;
const backAgain = new Set();

/** Calls a function whenever the service can be reached again. */
export function onBack(tell) {
  backAgain.add(tell);
}

/** The service answered. What is shown is live only when its streams say something too. */
export function reached() {
  if (silent.size === 0) {
    fill(document.getElementById('connection'));
  }

  if (session.isUnknown) {
    session.begin();
  }

  if (wasLost) {
    wasLost = false;
    backAgain.forEach((tell) => tell());
  }
}

/** It did not, or it does not want to: without a token where one is needed, for example. */
export function lost(problem) {
  wasLost ||= problem?.status === undefined || problem.status >= 500;
  fill(document.getElementById('connection'), problem?.status === 401
    // Who has not seen anything yet is asked to sign in where it would stand.
    ? session.actor !== null && ['You are not signed in. What is shown here stays as it was until you are. ', h('button', { type: 'button', onclick: askToken }, 'Sign in')]
    : problem?.status < 500 ? problem.message
      : ['Not live: the service cannot be reached. What you see is as of ', when(lastHeard),
        // Its going on is no news to who listens.
        h('span', { 'aria-hidden': 'true' }, ' (', passing(lastHeard), ')'), '; it goes on by itself when the connection is back.']);
}
