// What can be done to a product: the words and fields of each form, and the request it makes.
import { h } from './elements.js';
import { units } from './words.js';
import { field } from './dialog.js';
import { Question, whole } from './numbers.js';

const text = (name, label, hint, more = {}) => field(name, label, h('input', { name, autocomplete: 'off', ...more }), hint);
const number = (name, label, hint, more = {}) => text(name, label, hint, { inputmode: 'numeric', ...more });

const optional = (written) => (written.trim() === '' ? undefined : written.trim());
const of = (product, rest) => `/products/${product.id}${rest}`;

/**
 * Each has `title` and `verb`, `fields(product, values)`, `ask(form values, product)` with the method, path and body of the request, and `preview`: what it
 * would come to. A number that has to be asked back is a `Question` in the body, and nothing is sent then.
 */
export const commands = {
  AdjustStock: {
    title: 'Adjust stock',
    verb: 'Adjust',
    fields: (product, values) => [
      h('fieldset', { class: 'switch', onchange: otherReason }, h('legend', {}, 'Units'),
        choice('direction', 'out', 'Take out', values.direction !== 'in'), choice('direction', 'in', 'Bring in', values.direction === 'in')),
      number('delta', 'How many', null, { value: values.delta, autofocus: true }),
      text('reason', 'Why', null, { value: values.reason ?? usualReasons.out, list: 'reasons' }),
      h('datalist', { id: 'reasons' }, ['sale', 'delivery', 'return', 'damaged', 'own use'].map((reason) => h('option', { value: reason }))),
      text('reference', 'Reference', 'An order or delivery number, if there is one.', { value: values.reference }),
    ],
    ask: (values, product) => ({
      method: 'POST',
      path: of(product, '/adjustments'),
      body: { delta: inDirection(values.direction, whole(values.delta)), reason: values.reason.trim(), reference: optional(values.reference) },
    }),
    preview: ({ delta }, product) => `${units(product.onHand)} ${delta < 0 ? '−' : '+'} ${units(Math.abs(delta))} = ${units(product.onHand + delta)} on hand`,
  },
  CountStock: {
    title: 'Count',
    verb: 'Set to what I counted',
    fields: (product, values) => [
      number('counted', 'Units counted', `The books say ${units(product.onHand)}.`, { value: values.counted, autofocus: true }),
      text('reason', 'Remark', 'How a difference came about, if you know.', { value: values.reason }),
    ],
    ask: (values, product) => ({ method: 'PUT', path: of(product, '/quantity'), body: { counted: whole(values.counted), reason: optional(values.reason) } }),
    preview: ({ counted }, product) => (counted === product.onHand
      ? 'As many as the books say.'
      : `${units(Math.abs(counted - product.onHand))} ${counted < product.onHand ? 'fewer' : 'more'} than the books say.`),
  },
  ReserveStock: {
    title: 'Reserve',
    verb: 'Reserve',
    fields: (product, values) => [
      number('quantity', 'Units', `${units(product.available)} are available.`, { value: values.quantity, autofocus: true }),
      field('expiresInSeconds', 'For how long', h('select', { name: 'expiresInSeconds' },
        [[900, '15 minutes'], [3_600, '1 hour'], [86_400, '1 day'], [604_800, '7 days'], [2_592_000, '30 days']].map(([seconds, name]) =>
          h('option', { value: seconds, selected: Number(values.expiresInSeconds ?? 3_600) === seconds }, name))), 'Then they can be sold again.'),
      text('reference', 'Reference', 'For whom, such as an order number.', { value: values.reference }),
    ],
    ask: (values, product) => ({
      method: 'POST',
      path: of(product, '/reservations'),
      body: { quantity: whole(values.quantity), expiresInSeconds: Number(values.expiresInSeconds), reference: optional(values.reference) },
    }),
    preview: ({ quantity }, product) => `${units(product.available - quantity)} stay available.`,
  },
  RenameProduct: {
    title: 'Rename',
    verb: 'Rename',
    fields: (product, values) => [text('name', 'Name', null, { value: values.name ?? product.name, autofocus: true })],
    ask: (values, product) => ({ method: 'PUT', path: of(product, '/name'), body: { name: values.name } }),
  },
  SetReorderPoint: {
    title: 'Reorder point',
    verb: 'Set',
    fields: (product, values) => [
      number('reorderPoint', 'Stock is low at', 'Units available. Leave it empty when nobody needs to be told.',
        { value: values.reorderPoint ?? product.reorderPoint ?? '', autofocus: true }),
    ],
    ask: (values, product) => ({
      method: 'PUT',
      path: of(product, '/reorder-point'),
      body: { reorderPoint: values.reorderPoint.trim() === '' ? null : whole(values.reorderPoint) },
    }),
  },
  DiscontinueProduct: {
    title: 'Discontinue',
    verb: 'Discontinue',
    fields: (product, values) => [
      h('p', {}, `${product.name} is taken out of the range: it can be neither sold, reserved, counted nor renamed until it is reinstated.`),
      text('reason', 'Why', 'If you want to say it.', { value: values.reason, autofocus: true }),
    ],
    ask: (values, product) => ({ method: 'POST', path: of(product, '/discontinue'), body: { reason: optional(values.reason) } }),
  },
  ReinstateProduct: {
    title: 'Reinstate',
    verb: 'Reinstate',
    fields: (product) => [h('p', {}, `${product.name} is dealt in again.`)],
    ask: (values, product) => ({ method: 'POST', path: of(product, '/reinstate'), body: {} }),
  },
  CommitReservation: {
    title: 'Hand out reserved units',
    verb: 'Hand out',
    fields: (product, values) => [
      number('quantity', 'Units', `Up to ${units(values.reservation.quantity)}; what you leave can be sold again.`,
        { value: values.quantity ?? values.reservation.quantity, autofocus: true }),
    ],
    ask: (values, product) => ({
      method: 'POST',
      path: of(product, `/reservations/${values.reservation.id}/commit`),
      body: { quantity: whole(values.quantity) },
    }),
  },
  ReleaseReservation: {
    title: 'Release reserved units',
    verb: 'Release',
    fields: (product, values) => [h('p', {}, `${units(values.reservation.quantity)} units can be sold again.`)],
    ask: (values, product) => ({ method: 'POST', path: of(product, `/reservations/${values.reservation.id}/release`), body: {} }),
  },
};

const inDirection = (direction, count) => (count instanceof Question ? count : direction === 'in' ? count : -count);

const usualReasons = { in: 'delivery', out: 'sale' };

/** What is brought in is no sale. A reason that somebody wrote stays. */
function otherReason({ target }) {
  const { reason } = target.form.elements;
  if (Object.values(usualReasons).includes(reason.value)) {
    reason.value = usualReasons[target.value];
  }
}

function choice(name, value, label, checked) {
  return h('label', {}, h('input', { type: 'radio', name, value, checked }), h('span', {}, label));
}
