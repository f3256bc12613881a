// What can be tried in the lab: two people, and what each is about to do to a product that both have looked at.
import { Question, whole } from './numbers.js';
import { units } from './words.js';

const rename = (value) => ({ field: 'Name', value, ask: (name, product) => ['PUT', `/products/${product.id}/name`, { name }] });
const taken = (count) => (count instanceof Question ? count : -count);
const sell = (value) => ({
  field: 'Sells', value, ask: (count, product) => ['POST', `/products/${product.id}/adjustments`, { delta: taken(whole(count)), reason: 'sale' }],
});
const count = (value) => ({ field: 'Counts', value, ask: (counted, product) => ['PUT', `/products/${product.id}/quantity`, { counted: whole(counted) }] });
const handOut = (value) => ({
  field: 'Hands out', value, ask: (quantity, product, reservation) => ['POST', `/products/${product.id}/reservations/${reservation}/commit`, { quantity: whole(quantity) }],
});

/** `first` is who sends first, or null when both send at the same moment; `reserved`: each has units reserved before. */
export const experiments = [
  {
    name: 'A sale meets a rename',
    policy: 'Merge',
    about: 'Ann renames; Bob sells without having seen it. A sale does not care about the name, so it is applied to what is there now, and Bob is told what he missed.',
    first: 'ann',
    ann: () => rename('Widget'),
    bob: () => sell('5'),
  },
  {
    name: 'Two renames clash',
    policy: 'Reject',
    about: 'Both looked at the same name, both want another. The second is not allowed to overwrite the first unseen: he is told who did what, and decides.',
    first: 'ann',
    ann: () => rename('Widget'),
    bob: () => rename('Gadget'),
  },
  {
    name: 'A count meets a sale',
    policy: 'Reject, with two ways out',
    about: 'Ann counts and misses two; meanwhile Bob sells three. Were those three counted or not? Only Ann knows, so she is asked.',
    first: 'bob',
    ann: (product) => count(String(Math.max(0, product.onHand - 2))),
    bob: () => sell('3'),
  },
  {
    name: 'Two pick-ups at once',
    policy: 'Retry',
    about: 'Each hands out what they have reserved, in the same moment. Whoever comes second is decided again on the newer state; nobody is asked. '
      + 'On one node they stand in line, so no attempt is lost. On several, whoever loses the race makes another attempt.',
    first: null,
    reserved: 4,
    ann: () => handOut('4'),
    bob: () => handOut('4'),
  },
];

/** What a product is, in a line. */
export const told = (product) => `“${product.name}”, ${units(product.onHand)} on hand, ${units(product.reserved)} reserved`;
