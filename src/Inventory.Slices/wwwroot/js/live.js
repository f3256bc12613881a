// Follows changes as they happen (server-sent events), and shows whether the service can be reached.
import { h, fill } from './elements.js';
import { when } from './words.js';
import { open } from './service.js';
import { session } from './session.js';
import { askToken } from './signIn.js';

const comeBackMilliseconds = 3_000;

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

  async function connect() {
    clearTimeout(timer);
    if (document.hidden) {
      return;
    }

    const own = connection = new AbortController();
    proof = session.proof().Authorization;
    try {
      const answer = await open(path, { headers: lastId === null ? {} : { 'Last-Event-ID': lastId }, signal: own.signal });
      reached();
      if (wasAway) {
        wasAway = false;
        resumed();
      }

      for await (const { id, data } of eventsOf(answer.body)) {
        lastId = id;
        changed(data);
      }

      away(null);
    } catch (e) {
      if (!own.signal.aborted) {
        away(e);
      }
    }
  }

  function away(problem) {
    wasAway = true;
    lost(problem);
    connection = null;
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
    close();
  };
}

/** The events of a stream as this service writes them: an id, a type and one line of JSON each, with comments between (WHATWG HTML, “Parsing an event stream”). */
async function* eventsOf(body) {
  let rest = '';
  for await (const text of readings(body.pipeThrough(new TextDecoderStream()))) {
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

let lastReached = Date.now();

/** The service answered. */
export function reached() {
  lastReached = Date.now();
  fill(document.getElementById('connection'));
  if (session.isUnknown) {
    session.begin();
  }
}

/** It did not, or it does not want to: without a token where one is needed, for example. */
export function lost(problem) {
  fill(document.getElementById('connection'), problem?.status === 401
    // Who has not seen anything yet is asked to sign in where it would stand.
    ? session.actor !== null && ['You are not signed in. What is shown here stays as it was until you are. ', h('button', { type: 'button', onclick: askToken }, 'Sign in')]
    : problem?.status < 500 ? problem.message
      : `The service cannot be reached. What you see is as of ${when(lastReached)}; it goes on by itself when the connection is back.`);
}
