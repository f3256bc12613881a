// Where the service asks for tokens: the one of this tab, and what the service says of it. The page does not read it.

const kept = 'token';

/** Whether the service asks for tokens: unknown until it has said so, and whether it takes the one there is. */
let state = 'unknown';
let token = sessionStorage.getItem(kept);
let caller = null;
let beginning = null;
const listeners = new Set();

const proofOf = (given) => (given === null ? {} : { Authorization: `Bearer ${given}` });

function become(newState) {
  state = newState;
  listeners.forEach((tell) => tell());
}

const answerMilliseconds = 16_000;

async function askCaller(given) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), answerMilliseconds);
  try {
    const response = await fetch('/caller', { headers: proofOf(given), signal: limit.signal });
    return { response, body: await response.json() };
  } finally {
    clearTimeout(timer);
  }
}

/** What the service makes of a token, or of none. */
async function ask(given) {
  const { response, body } = await askCaller(given);
  if (response.ok) {
    caller = body;
    if (given !== token) {
      token = given;
      sessionStorage.setItem(kept, given);
    }

    become(body.tokenEndsAt === null ? 'open' : 'in');
    return null;
  }

  if (response.status === 403) {
    return `The service takes this token, but it allows nothing here: it lacks the scope ${body.scope}.`;
  }

  if (response.status === 401) {
    // It says why, in the words of RFC 6750, section 3.
    const [, why] = /error_description="([^"]*)"/.exec(response.headers.get('WWW-Authenticate') ?? '') ?? [];
    return why === undefined ? 'The service does not take this token: it was not made by whom it trusts, or not for it.' : `The service does not take this token: ${why}.`;
  }

  throw new Error(body.title);
}

export const session = {
  /** Whether tokens are needed here, and one was taken. */
  get isIn() { return state === 'in'; },
  /** Whether one is needed, and there is none that is good. */
  get isOut() { return state === 'out'; },
  /** Whether callers prove who they are here, so that they do not say it as well. */
  get isProved() { return state === 'in' || state === 'out' || token !== null; },
  /** Who the token names, also when it has ended; null where everybody says who they are. */
  get actor() { return state === 'open' ? null : caller?.actor ?? null; },
  get scopes() { return caller?.scopes ?? []; },
  get endsAt() { return caller?.tokenEndsAt ?? null; },

  /** The header that proves who sends a request. Tokens go nowhere else: addresses end up in logs. */
  proof: () => proofOf(token),

  /** Whether a token is known not to allow something. */
  lacks: (scope) => state === 'in' && !caller.scopes.includes(scope),

  /** Asks whether a token is needed, and whether the one of this tab is good. It is not known when the service cannot be reached. */
  begin() {
    // When nothing comes back, the next answer of the service leads here again.
    beginning ??= ask(token).then((fault) => fault === null || become('out'), () => {}).finally(() => { beginning = null; });
    return beginning;
  },

  get isUnknown() { return state === 'unknown'; },

  /** Takes a token if the service does; else says why not. */
  async signIn(given) {
    try {
      return await ask(given);
    } catch {
      return 'The service cannot be reached to ask whether this token is good.';
    }
  },

  /** A request was answered 401. One that was sent with another token says nothing of this one. */
  refused(proof) {
    if (proof.Authorization === proofOf(token).Authorization && state !== 'out') {
      become('out');
    }
  },

  /** Leaves nothing behind: neither the token, nor what it made visible. */
  signOut() {
    sessionStorage.clear();
    location.reload();
  },

  /** Calls a function whenever something of this changes; returns how to end that. */
  onChange(tell) {
    listeners.add(tell);
    return () => listeners.delete(tell);
  },
};
