// Follows changes as they happen (server-sent events), and shows whether the service can be reached.
import { fill } from './elements.js';
import { when } from './words.js';
import { read } from './service.js';

const comeBackMilliseconds = 5_000;

let eventTypes;

/** The types of events that the service has, as it says itself. */
function typesOfEvents() {
  eventTypes ??= read('/conflict-policies').then((policies) => ['ProductCreated', ...policies.events], (e) => {
    eventTypes = undefined;
    throw e;
  });
  return eventTypes;
}

/**
 * Follows a stream until it is told to end. The browser comes back by itself after a broken connection, with the id of the last event, so nothing is missed.
 * A tab that nobody sees gives its connection back: browsers allow only a few to one service.
 * @param changed is called with each change.
 * @param resumed is called when the connection was away: read again what is shown.
 */
export function follow(path, changed, resumed) {
  let source = null;
  let timer = null;
  let wasAway = false;
  let ended = false;

  async function open() {
    clearTimeout(timer);
    timer = null;
    try {
      const types = await typesOfEvents();
      if (ended || document.hidden || source !== null) {
        return;
      }

      source = new EventSource(path);
      source.onopen = () => {
        reached();
        if (wasAway) {
          wasAway = false;
          resumed();
        }
      };
      source.onerror = away;
      for (const type of types) {
        source.addEventListener(type, (e) => changed(JSON.parse(e.data)));
      }
    } catch (e) {
      away(e);
    }
  }

  function away(problem) {
    wasAway = true;
    lost(problem);
    if (ended || timer !== null || source?.readyState === EventSource.CONNECTING) {
      return;
    }

    // It was refused: the browser does not come back by itself.
    close();
    timer = setTimeout(open, comeBackMilliseconds);
  }

  function close() {
    source?.close();
    source = null;
  }

  function seenAgain() {
    if (document.hidden) {
      wasAway = true;
      close();
    } else if (source === null) {
      open();
    }
  }

  document.addEventListener('visibilitychange', seenAgain);
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', seenAgain);
    close();
  };
}

let lastReached = Date.now();

/** The service answered. */
export function reached() {
  lastReached = Date.now();
  fill(document.getElementById('connection'));
}

/** It did not, or it does not want to: without a token where one is needed, for example. */
export function lost(problem) {
  fill(document.getElementById('connection'), problem?.status < 500 ? problem.message
    : `The service cannot be reached. What you see is as of ${when(lastReached)}; it goes on by itself when the connection is back.`);
}
