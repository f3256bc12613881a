// Shows a conflict: what you saw, what changed and by whom, which of it clashes, what you wanted, and the ways to go on.
import { h, passing } from './elements.js';
import { units, counted } from './words.js';

const rows = [
  ['Name', (product) => product.name],
  ['On hand', (product) => units(product.onHand)],
  ['Reserved', (product) => units(product.reserved)],
  ['Available', (product) => units(product.available)],
  ['Reorder point', (product) => (product.reorderPoint === null ? 'none' : units(product.reorderPoint))],
  ['In the range', (product) => (product.discontinued ? 'no, discontinued' : 'yes')],
];

/** “Bob changed this product”, as a title. */
export function conflictTitle(conflict, you) {
  const who = [...new Set((conflict.changes ?? []).filter((change) => change.clashes).map((change) => (change.actor === you ? 'you, elsewhere,' : change.actor)))];
  return `Meanwhile ${who.length === 0 ? 'others' : who.length < 3 ? who.join(' and ') : 'several people'} changed this product`;
}

/**
 * @param conflict The answer of the service.
 * @param seen The product as you saw it.
 * @param choose What is done by `onTop()`, `settle(how)`, `edit()` and `drop()`.
 */
export function conflictView(conflict, seen, you, choose) {
  const changes = conflict.changes ?? [];
  const own = conflict.yourChange ?? [];
  return h('div', { class: 'conflict' },
    h('p', {}, 'Your change was not made, and nothing of theirs was overwritten. You decide.'),
    comparison(seen, conflict.current),
    h('h3', {}, counted(changes.length + (conflict.changesOmitted ?? 0), 'change', 'changes'), ' since you looked'),
    conflict.changesOmitted > 0 ? h('p', { class: 'hint' }, `The newest ${changes.length} of them:`) : null,
    h('ol', { class: 'changes' }, changes.map((change) => h('li', { class: change.clashes ? 'clashes' : null },
      h('p', {}, h('strong', {}, change.actor === you ? 'You, elsewhere' : change.actor), ': ', change.summary),
      h('p', { class: 'hint' }, h('span', {}, passing(change.at), ', version ', units(change.version)),
        h('span', { class: change.clashes ? 'tag bad' : 'tag' }, change.clashes ? 'clashes with yours' : 'does not touch yours'))))),
    h('h3', {}, 'Your change'),
    own.length > 0
      ? h('ul', { class: 'changes yours' }, own.map((change) => h('li', {}, h('p', {}, change.summary))))
      : h('p', {}, 'As things are now, a rule would refuse it.'),
    conflict.options ? settling(conflict.options, choose) : null,
    h('div', { class: 'choices' },
      conflict.options ? null : h('button', { type: 'button', class: 'main', onclick: choose.onTop }, 'Apply mine on top'),
      h('button', { type: 'button', onclick: choose.edit }, 'Edit mine'),
      h('button', { type: 'button', onclick: choose.drop }, 'Drop mine')));
}

function comparison(seen, current) {
  const different = rows.filter(([, value]) => value(seen) !== value(current));
  if (different.length === 0) {
    return h('p', { class: 'hint' }, 'It looks as it did when you saw it.');
  }

  return h('table', { class: 'comparison' },
    h('thead', {}, h('tr', {}, h('td', {}), h('th', { scope: 'col' }, 'You saw'), h('th', { scope: 'col' }, 'Now'))),
    h('tbody', {}, different.map(([name, value]) => h('tr', {},
      h('th', { scope: 'row' }, name), h('td', {}, value(seen)), h('td', {}, h('strong', {}, value(current)))))));
}

/** Only who counted knows whether what moved was still there. */
function settling({ keepCounted, keepDifference }, choose) {
  return h('fieldset', { class: 'settling' },
    h('legend', {}, 'Did that happen before you counted, or after?'),
    h('button', { type: 'button', onclick: () => choose.settle('keepCounted') },
      h('strong', {}, `Before: ${units(keepCounted.onHand)} on hand`), h('span', {}, 'What I counted is what is there.')),
    h('button', { type: 'button', onclick: () => choose.settle('keepDifference') },
      h('strong', {}, `After: ${units(keepDifference.onHand)} on hand`), h('span', {}, 'The difference I found still holds.')));
}
