// The lab: two people side by side on one product, to see each policy at work.
import { h, fill, announce, calmly } from './elements.js';
import { read, request, send } from './service.js';
import { follow, lost, reached } from './live.js';
import { conflictTitle, conflictView } from './conflict.js';
import { experiments, told } from './experiments.js';
import { contention } from './contention.js';
import { units, counted } from './words.js';
import { questionsIn } from './numbers.js';
import { session } from './session.js';
import { needs, whyNot } from './allowed.js';
import { beginWho } from './who.js';

const main = document.getElementById('main');
const refreshMilliseconds = 150;
const startUnits = 100;

let product = null;
let experiment = null;
let looked = 0;
let endFollowing = () => {};
const people = { ann: person('ann', 'Ann'), bob: person('bob', 'Bob') };

const about = h('p', { class: 'about' });
const proved = h('p', { class: 'hint' });
const both = needs('inventory.write', h('button', { type: 'button', class: 'main', disabled: true, onclick: sendBoth }, 'Send both'));
const stream = h('ol', { class: 'stream', reversed: true });
const record = h('p', { class: 'hint' });
const presets = h('div', { class: 'presets', role: 'group', 'aria-label': 'Experiments' }, experiments.map((one) =>
  needs('inventory.write', h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => begin(one) }, h('strong', {}, one.name), h('span', {}, one.policy)))));

fill(main,
  h('h1', {}, 'Two people, one product'),
  h('p', { class: 'lead' }, 'Choose what shall meet. Both look at the product; then both send.'),
  proved, whyNot('inventory.write'), presets, about, h('div', { class: 'choices' }, both),
  h('div', { class: 'stage' }, people.ann.element, people.bob.element),
  h('section', { 'aria-labelledby': 'stream' }, h('h2', { id: 'stream' }, 'The product’s stream, the newest first'), stream, record),
  contention(makeProduct));
addEventListener('pagehide', () => endFollowing());
session.onChange(() => fill(proved, session.isIn ? `Your token speaks for both: history says ${session.actor} where it would say ann or bob.` : null));
beginWho();

/** The first click: both look. */
async function begin(chosen) {
  experiment = chosen;
  for (const button of presets.children) {
    button.setAttribute('aria-pressed', String(button.firstChild.textContent === chosen.name));
  }

  fill(about, chosen.about);
  both.disabled = true;
  await attempt(async () => {
    product = await makeProduct('lab');
    const reservations = {};
    if (chosen.reserved) {
      for (const name of Object.keys(people)) {
        reservations[name] = (await done(request('POST', `/products/${product.id}/reservations`, { quantity: chosen.reserved, expiresInSeconds: 3_600 }), name)).reservation.id;
      }
    }

    product = await read(`/products/${product.id}`);
    looked = product.version;
    people.ann.look(chosen.ann(product), product, reservations.ann);
    people.bob.look(chosen.bob(product), product, reservations.bob);
    followProduct();
    await showStream();
    both.disabled = false;
    both.focus();
  });
}

/** The second click. */
async function sendBoth() {
  if (Object.values(people).map((one) => one.isReady()).includes(false)) {
    return;
  }

  both.disabled = true;
  const { first } = experiment;
  if (first === null) {
    await Promise.all([people.ann.send(), people.bob.send()]);
  } else {
    await people[first].send();
    await people[first === 'ann' ? 'bob' : 'ann'].send();
  }

  await attempt(showRecord);
}

async function makeProduct(actor) {
  const sku = `LAB-${crypto.randomUUID().slice(0, 8)}`;
  return (await done(request('POST', '/products', { sku, name: 'Widgit', initialQuantity: startUnits }), actor)).product;
}

async function done(asking, actor) {
  const outcome = await send(asking, actor);
  if (outcome.kind !== 'done') {
    throw outcome.problem ?? new Error('It is not known whether it was done.');
  }

  return outcome.answer;
}

async function attempt(work) {
  try {
    await work();
    reached();
  } catch (e) {
    lost(e);
    fill(about, e.message);
  }
}

function followProduct() {
  endFollowing();
  const refresh = calmly(refreshMilliseconds, () => attempt(showStream));
  endFollowing = follow(`/products/${product.id}/changes`, refresh, refresh);
}

async function showStream() {
  const { items } = await read(`/products/${product.id}/history?limit=30`);
  fill(stream, items.map((item) => h('li', { value: item.version, class: item.version === looked ? 'looked' : null },
    h('span', { class: 'version' }, units(item.version)), h('code', {}, item.event), h('span', {}, h('strong', { class: `by ${item.actor}` }, item.actor), ': ', item.summary),
    item.version === looked ? h('span', { class: 'tag' }, 'both looked here') : null)));
}

/** What the service has written down about conflicts of the last hour. It is written after the fact, so the newest may be missing. */
async function showRecord() {
  if (session.lacks('inventory.admin')) {
    fill(record, 'What the service has written down about conflicts takes the scope inventory.admin, which your token lacks.');
    return;
  }

  const { pairs } = await read('/conflicts?hours=1');
  const sum = (name) => pairs.reduce((all, pair) => all + pair[name], 0);
  fill(record, pairs.length === 0 ? '' : `In the last hour this service met ${counted(sum('settled') + sum('told'), 'conflict', 'conflicts')}: it settled ${units(sum('settled'))} by itself and asked somebody ${counted(sum('told'), 'time', 'times')}. The most attempts that one command took: ${units(Math.max(...pairs.map((pair) => pair.attemptsMax)))}.`);
}

/** One of the two: what they see, what they are about to send, and what they were answered. */
function person(actor, name) {
  let plan = null;
  let seen = null;
  let reservation = null;
  const sees = h('p', { class: 'hint' }, 'Has not looked yet.');
  const error = h('p', { class: 'error', id: `error-${actor}` });
  const input = h('input', { id: `value-${actor}`, autocomplete: 'off', 'aria-describedby': error.id, oninput: show });
  const label = h('label', { for: `value-${actor}` });
  const field = h('div', { class: 'field', hidden: true }, label, input, error);
  const sends = h('pre', { tabindex: '0', 'aria-label': `What ${name} sends` });
  const again = h('button', { type: 'button', hidden: true, onclick: () => isReady() && transmit(asking()) }, `Send ${name}’s`);
  const answer = h('div', { class: 'answer', role: 'status' });
  sends.hidden = true;

  return {
    element: h('section', { class: `person ${actor}`, 'aria-labelledby': `name-${actor}` },
      h('h2', { id: `name-${actor}` }, name), sees, field, sends, again, answer),
    look(newPlan, shown, itsReservation) {
      [plan, seen, reservation] = [newPlan, shown, itsReservation];
      input.value = plan.value;
      fill(label, plan.field);
      field.hidden = false;
      sends.hidden = false;
      again.hidden = true;
      fill(answer);
      input.disabled = false;
      isReady();
      show();
    },
    isReady,
    send: () => transmit(asking()),
  };

  /** Whether what is in the field can be sent; else it is said why not. */
  function isReady() {
    const questions = Object.values(questionsIn(asking().body));
    fill(error, questions);
    if (questions.length > 0) {
      input.setAttribute('aria-invalid', 'true');
    } else {
      input.removeAttribute('aria-invalid');
    }

    return questions.length === 0;
  }

  function asking() {
    return request(...plan.ask(input.value, seen, reservation), { seen: seen.version });
  }

  function show() {
    fill(sees, `Sees version ${units(seen.version)}: ${told(seen)}.`);
    written(asking());
  }

  function written({ method, path, body, seen: version, ifMatch }) {
    fill(sends, `${method} ${path.replace(seen.id, `sku:${seen.sku}`).replace(reservation, '…')}${session.isProved ? '' : `\nActor: ${actor}`}\n${ifMatch === undefined ? `Seen-Version: ${version}` : `If-Match: ${ifMatch}`}\n${Object.keys(questionsIn(body)).length > 0 ? '…' : JSON.stringify(body)}`);
  }

  async function transmit(command) {
    written(command);
    again.hidden = true;
    input.disabled = true;
    fill(answer, h('p', { class: 'hint' }, 'Sending …'));
    const outcome = await send(command, actor);
    // What may have been done stands as it was sent until that is known.
    input.disabled = outcome.kind === 'unsettled';
    fill(answer, outcome.kind === 'unsettled' ? undecided(command) : accomplished(outcome) ?? (outcome.kind === 'conflict' ? conflicted(command, outcome.problem) : refused(outcome.problem)));
  }

  function undecided(command) {
    return [
      h('p', { class: 'verdict bad' }, h('strong', {}, 'It is not known whether it was done.')),
      h('button', { type: 'button', onclick: () => transmit(command) }, 'Ask again'),
    ];
  }

  function accomplished({ kind, answer: result }) {
    if (kind !== 'done') {
      return null;
    }

    const merged = result.mergedWith;
    announce(`${name}: ${result.outcome}`);
    return [
      h('p', { class: 'verdict good' }, h('strong', {}, merged.length > 0 ? '200, merged' : '200, accepted'), ` as version ${units(result.version)}`),
      h('p', {}, `Now ${told(result.product)}.`),
      merged.length === 0 ? null : [h('p', {}, `${name} had not seen:`),
        h('ul', { class: 'changes' }, merged.map((change) => h('li', {}, h('strong', {}, change.actor), ': ', change.summary)))],
    ];
  }

  function conflicted(command, { status, body }) {
    announce(`${name}: ${body.title}`);
    return [
      h('p', { class: 'verdict bad' }, h('strong', {}, `${status}, conflict. `), conflictTitle(body, actor)),
      conflictView(body, seen, actor, {
        onTop: () => transmitOn({ ...command, seen: undefined, ifMatch: body.resubmit.ifMatch, inDoubt: false }, body.current),
        settle: (how) => transmit(request(command.method, command.path, { ...command.body, onConflict: how }, { seen: command.seen })),
        edit: () => {
          seen = body.current;
          fill(answer);
          again.hidden = false;
          show();
          input.focus();
        },
        drop: () => fill(answer, h('p', { class: 'verdict' }, 'Dropped. Nothing was written.')),
      }),
    ];
  }

  function transmitOn(command, now) {
    seen = now;
    return transmit(command);
  }

  function refused(problem) {
    again.hidden = false;
    return h('p', { class: 'verdict bad' }, h('strong', {}, problem.body ? `${problem.status}, ${problem.body.title}. ` : ''), problem.message);
  }
}
