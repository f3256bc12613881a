// Commands that are on their way, or of which nobody knows how they ended. Each is kept in this browser from before it is sent until its end is known: a form, a
// screen or a tab that is left does not lose it, and it is asked for under its own key only, by whoever made it.
import { h, fill, announce } from './elements.js';
import { send } from './service.js';
import { onBack } from './live.js';
import { session } from './session.js';
import { who } from './who.js';

const prefix = 'command-';
// The service keeps keys for seven days unless it is told otherwise; after that the same request would be a new command.
const askedMilliseconds = 6 * 86_400_000;

/** By key. */
const entries = new Map();
const place = h('ul', {});
const section = h('section', { class: 'doubts', 'aria-label': 'On its way', hidden: true }, place);
let look = () => {};

/**
 * A command to be sent.
 * @param command As `request` makes it.
 * @param what What its form needs to be shown again: its `name` and `title`, the `product` as it was seen, and the `values` that were filled in.
 * @param isLeft Whether its form was left in the meantime: what somebody has asked to be done is done all the same.
 * @returns An entry: `state` is “new”, “sending”, “unsettled” or “ended”; while it is `attended`, somebody looks at its form.
 */
export async function track(command, what, isLeft) {
  const entry = { command, what, at: Date.now(), state: 'new' };
  entry.release = await hold(command.key);
  entry.attended = !isLeft();
  entries.set(command.key, entry);
  keep(entry);
  return entry;
}

/** Sends it, or asks for it again; returns how it ended, as `send` does. */
export function run(entry, waiting = () => {}) {
  entry.waiting = waiting;
  entry.running ??= settle(entry).finally(() => { entry.running = null; });
  return entry.running;
}

/** What of mine is open about a product; about new products without an id. */
export const openAbout = (id) => [...entries.values()].find((entry) => isMine(entry) && entry.state !== 'old' && (entry.what.product?.id ?? null) === id);

/** Nobody looks at its form any more. */
export function leave(entry) {
  entry.attended = false;
  show();
}

/** It is dealt with. */
export function forget(entry) {
  entries.delete(entry.command.key);
  localStorage.removeItem(prefix + entry.command.key);
  entry.release();
  show();
}

/** What is called with an entry when somebody wants to see its form. */
export function onLook(shows) {
  look = shows;
}

/** Takes over what this browser has kept, once no other tab has it. */
export function beginDoubts() {
  document.getElementById('main').before(section);
  for (let n = 0; n < localStorage.length; n++) {
    adopt(localStorage.key(n));
  }

  addEventListener('storage', ({ key, oldValue, newValue }) => {
    if (oldValue === null && newValue !== null) {
      adopt(key);
    }
  });
  addEventListener('online', askAll);
  addEventListener('beforeunload', (e) => [...entries.values()].some((entry) => entry.isLoose) && e.preventDefault());
  document.addEventListener('who', askAll);
  session.onChange(askAll);
  onBack(askAll);
  askAll();
}

async function settle(entry) {
  entry.state = 'sending';
  show();
  const outcome = await send(entry.command, entry.command.by ?? who(), (problem) => entry.waiting(problem), () => keep(entry));
  entry.outcome = outcome;
  if (outcome.kind === 'unsettled') {
    entry.state = 'unsettled';
  } else {
    entry.state = 'ended';
    if (outcome.kind === 'done' || entry.attended) {
      forget(entry);
    }
  }

  if (!entry.attended) {
    announce(`${nameOf(entry)}: ${outcome.kind === 'done' ? 'done.' : textOf(entry)}`);
  }

  show();
  return outcome;
}

function keep(entry) {
  const { command, what, at } = entry;
  try {
    localStorage.setItem(prefix + command.key, JSON.stringify({ command, what, at }));
    entry.isLoose = false;
  } catch {
    // There is no room: as long as this tab is open, it knows, and it warns whoever closes it.
    entry.isLoose = true;
  }
}

async function adopt(name) {
  const key = name?.startsWith(prefix) ? name.slice(prefix.length) : null;
  if (key === null || entries.has(key)) {
    return;
  }

  const release = await hold(key);
  const kept = localStorage.getItem(name);
  if (kept === null || entries.has(key)) {
    release();
    return;
  }

  const entry = { ...JSON.parse(kept), release, attended: false };
  entry.state = Date.now() - entry.at > askedMilliseconds ? 'old' : 'unsettled';
  entry.command.inDoubt = true;
  entries.set(key, entry);
  askAll();
}

/** Takes the lock of a command, once no other tab has it: that of a tab which was closed is free. Returns how to give it back. */
function hold(key) {
  return new Promise((held) => {
    if (navigator.locks === undefined) {
      held(() => {});
    } else {
      navigator.locks.request(prefix + key, () => new Promise((release) => held(release)));
    }
  });
}

const isMine = ({ command }) => !session.isUnknown && command.by === who();

function askAll() {
  for (const entry of entries.values()) {
    if (entry.state === 'unsettled' && !entry.running && isMine(entry)) {
      if (entry.attended) {
        entry.again?.();
      } else {
        run(entry);
      }
    }
  }

  show();
}

const nameOf = ({ what }) => `${what.title}, ${what.product?.name ?? what.values.name}`;

function textOf({ state, outcome }) {
  switch (state) {
    case 'unsettled': return 'It is not known whether your change was made.';
    case 'old': return 'It is not known whether your change was made, and it is too long ago to ask. Look at the history.';
    case 'ended': return outcome.kind === 'conflict' ? 'It was not made: the product has changed meanwhile.' : `It was not made. ${outcome.problem.message}`;
    default: return 'Sending …';
  }
}

function show() {
  const shown = [...entries.values()].filter((entry) => !entry.attended && isMine(entry));
  const button = (label, entry, act) => h('button', { type: 'button', 'aria-label': `${label}: ${nameOf(entry)}`, onclick: act }, label);
  fill(place, shown.map((entry) => h('li', {},
    h('p', {}, h('strong', {}, nameOf(entry)), '. ', textOf(entry)),
    entry.state === 'unsettled' ? button('Ask again', entry, () => run(entry)) : null,
    entry.state === 'ended' && entry.outcome.kind === 'conflict' ? button('Look at it', entry, () => look(entry)) : null,
    entry.state === 'old' || (entry.state === 'ended' && entry.outcome.kind !== 'conflict') ? button('Dismiss', entry, () => forget(entry)) : null)));
  section.hidden = shown.length === 0;
}
