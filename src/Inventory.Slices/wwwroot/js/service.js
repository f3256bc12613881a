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

const patienceMilliseconds = 20_000;

/** Reads JSON. */
export async function read(path, options = {}) {
  return answered(await reach(path, options));
}

/** Opens an answer that goes on. */
export async function open(path, options = {}) {
  const response = await reach(path, options);
  return response.ok ? response : answered(response);
}

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
 * @param waiting is told why it takes longer.
 * @returns {{ kind: 'done'|'conflict'|'refused'|'unsettled', answer?: object, problem?: Problem|Unreachable, by?: string }}
 * An unsettled command may be settled by that person only, if one is named.
 */
export async function send(command, actor, waiting = () => {}) {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': command.key, ...(session.isProved ? {} : { Actor: actor }) };
  if (command.ifMatch !== undefined) {
    headers['If-Match'] = command.ifMatch;
  } else if (command.seen !== undefined) {
    headers['Seen-Version'] = command.seen;
  }

  let end = Date.now() + patienceMilliseconds;
  for (let pause = 500; ; pause = Math.min(pause * 2, 4_000)) {
    // A key is the subject's own: under another's token it would be done again.
    if (command.openBy !== undefined && command.openBy !== session.actor) {
      return { kind: 'unsettled', by: command.openBy };
    }

    try {
      const answer = await answered(await reach(command.path, { method: command.method, headers, body: JSON.stringify(command.body) }));
      ownWrites.remember(answer.productId, answer.version);
      return { kind: 'done', answer };
    } catch (problem) {
      if (problem.status === 401 && await askToken()) {
        end = Date.now() + patienceMilliseconds;
        continue;
      }

      if (session.isProved && (problem instanceof Unreachable || problem.slug === 'outcome-unknown')) {
        command.openBy ??= session.actor;
      }

      if (problem.status === 401 && command.openBy !== undefined) {
        return { kind: 'unsettled', by: command.openBy };
      }

      if (!isPassing(problem)) {
        return { kind: problem.slug === 'version-conflict' ? 'conflict' : 'refused', problem };
      }

      const wait = problem.retryAfter === undefined ? pause : problem.retryAfter * 1000;
      if (Date.now() + wait > end) {
        return { kind: 'unsettled', problem };
      }

      waiting(problem);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

function isPassing(problem) {
  if (problem instanceof Unreachable) {
    return true;
  }

  if (problem instanceof Problem) {
    return problem.status === 503 || problem.status === 429 || problem.slug === 'request-in-flight';
  }

  throw problem;
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
