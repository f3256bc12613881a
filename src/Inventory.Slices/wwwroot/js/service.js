// Talks to the service: reads, and commands that are sent until it is known how they ended.
import { ownWrites } from './ownWrites.js';
import { session } from './session.js';
import { askToken } from './signIn.js';

/** An answer that is a problem (RFC 9457). */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    super(body.detail ?? body.title);
    Object.assign(this, { status, body, retryAfter });
  }

  /** The last part of its type: “insufficient-stock”. */
  get slug() {
    return (this.body.type ?? '').split('/').pop();
  }
}

/** No answer came. */
export class Unreachable extends Error {
  constructor() {
    super('The service cannot be reached.');
  }
}

// The service answers commands within 15 seconds, and so do lists that wait for what was written.
const answerMilliseconds = 16_000;
const patienceMilliseconds = 40_000;

/** Reads JSON. */
export function read(path, options = {}) {
  return within(options, async (limited) => answered(await reach(path, limited)));
}

/** Opens an answer that goes on: it has to begin in time, and what follows is the caller's to watch. */
export function open(path, options = {}) {
  return within(options, async (limited) => {
    const response = await reach(path, limited);
    return response.ok ? response : answered(response);
  });
}

/** Waits for an answer no longer than one may take: a network can hang without an error. The caller's own signal still ends it, also what goes on. */
async function within(options, ask) {
  const own = new AbortController();
  const { signal } = options;
  const end = () => own.abort();
  signal?.addEventListener('abort', end);
  if (signal?.aborted) {
    end();
  }

  const timer = setTimeout(end, answerMilliseconds);
  try {
    return await ask({ ...options, signal: own.signal });
  } catch (e) {
    throw own.signal.aborted && !signal?.aborted ? new Unreachable() : e;
  } finally {
    clearTimeout(timer);
  }
}

/** Sends something that changes nothing to be asked for later, and returns the answer as it is. */
export const post = (path, options) => within(options, (limited) => reach(path, { method: 'POST', ...limited }));

/**
 * Reads a list that is eventually consistent: it waits for what was written here before.
 * When the list says that it has everything, nothing has to be waited for the next time.
 */
export async function readList(path, options = {}) {
  const own = ownWrites.header();
  const list = await read(path, { ...options, headers: own === '' ? {} : { 'Read-After': own } });
  if (list.freshness.upToDate) {
    ownWrites.forget(own);
  }

  return list;
}

/** A command as it is sent, under a key of its own. What was seen is said by the version, or by an If-Match. */
export function request(method, path, body, { seen, ifMatch } = {}) {
  return { method, path, body, seen, ifMatch, key: crypto.randomUUID() };
}

/**
 * Sends a command. When nobody knows how it ended, or when it was surely not executed for now, the same is sent again under the same key, so that it takes
 * effect once. When the token has ended, another is asked for.
 * @param command Remembers whether it may have taken effect (`inDoubt`), and whose key it is (`by`): under another's it would be another command.
 * @param waiting is told why it takes longer.
 * @param changed is called when what the command remembers has changed.
 * @returns {{ kind: 'done'|'conflict'|'refused'|'turnedAway'|'unsettled', answer?: object, problem?: Problem|Unreachable, by?: string }}
 * Turned away is what was surely not executed. An unsettled command may be settled by that person only, if one is named.
 */
export async function send(command, actor, waiting = () => {}, changed = () => {}) {
  let end = Date.now() + patienceMilliseconds;
  for (let pause = 500; ; pause = Math.min(pause * 2, 4_000)) {
    const me = session.isProved ? session.actor ?? undefined : command.by ?? actor;
    if (command.inDoubt && command.by !== undefined && command.by !== me) {
      return { kind: 'unsettled', by: command.by };
    }

    command.by = me;
    changed();
    try {
      const answer = await within({}, async (limited) => answered(await reach(command.path, {
        ...limited, method: command.method, headers: headersOf(command), body: JSON.stringify(command.body),
      })));
      ownWrites.remember(answer.productId, answer.version);
      return { kind: 'done', answer };
    } catch (problem) {
      if (problem.status === 401 && await askToken()) {
        end = Date.now() + patienceMilliseconds;
        continue;
      }

      const word = wordOf(problem);
      command.inDoubt ||= word === 'doubt';
      changed();
      if (word === 'ended') {
        return { kind: problem.slug === 'version-conflict' ? 'conflict' : 'refused', problem };
      }

      if (word === 'barred') {
        return command.inDoubt ? { kind: 'unsettled', problem, by: problem.status === 401 ? command.by : undefined } : { kind: 'refused', problem };
      }

      const wait = problem.retryAfter === undefined ? pause : problem.retryAfter * 1000;
      if (Date.now() + wait > end) {
        return { kind: command.inDoubt ? 'unsettled' : 'turnedAway', problem };
      }

      waiting(problem);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

function headersOf({ key, seen, ifMatch, by }) {
  return {
    'Content-Type': 'application/json',
    'Idempotency-Key': key,
    ...(session.isProved ? {} : { Actor: by }),
    ...(ifMatch !== undefined ? { 'If-Match': ifMatch } : seen !== undefined ? { 'Seen-Version': seen } : {}),
  };
}

const surelyNot = ['overloaded', 'unavailable', 'conflict-retries-exhausted', 'too-many-requests'];

/**
 * What a problem says of a command: it has “ended”; it was turned away for now (“later”), or for good before anybody looked whether it had been done before
 * (“barred”); or it may have taken effect (“doubt”).
 */
function wordOf(problem) {
  if (problem instanceof Unreachable) {
    return 'doubt';
  }

  if (!(problem instanceof Problem)) {
    throw problem;
  }

  const { status, slug } = problem;
  return surelyNot.includes(slug) ? 'later'
    : status >= 500 || slug === 'request-in-flight' ? 'doubt'
      : [401, 403, 413, 429].includes(status) ? 'barred' : 'ended';
}

/** Sends a request with what proves who sends it. */
export async function reach(path, options) {
  const proof = session.proof();
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, ...proof } });
  } catch (e) {
    throw e.name === 'AbortError' ? e : new Unreachable();
  }

  if (response.status === 401) {
    session.refused(proof);
  }

  return response;
}

async function answered(response) {
  let body;
  try {
    body = await response.json();
  } catch (e) {
    // Cut off, or something in between answered: for a command that leaves open what happened.
    if (e.name === 'AbortError') {
      throw e;
    }

    throw new Unreachable();
  }

  if (response.ok) {
    return body;
  }

  const retryAfter = response.headers.get('Retry-After');
  throw new Problem(response.status, body, retryAfter === null ? undefined : Number(retryAfter));
}
