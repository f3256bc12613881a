// Sells from several callers at once, in two ways: by looking, deciding and sending with If-Match until it holds, and by saying what is meant.
import { h, fill, announce } from './elements.js';
import { post, read } from './service.js';
import { session } from './session.js';
import { needs } from './allowed.js';
import { units } from './words.js';

const sales = 60;
// A browser opens six connections to a service at most, and one follows the changes.
const callersMax = 5;
// Whoever is refused so often gives up: a run ends by itself.
const attemptsMax = 200;

export function contention(makeProduct) {
  const shown = h('output', { for: 'callers' }, '4');
  const callers = h('input', { type: 'range', id: 'callers', min: 1, max: callersMax, value: 4, oninput: () => fill(shown, callers.value) });
  const start = needs('inventory.write', h('button', { type: 'button', onclick: run }, `Sell ${sales} units, twice`));
  const status = h('p', { class: 'status', role: 'status' });
  const ways = [
    { name: 'Look, decide, send, and again when it was refused', hint: 'If-Match: the version read before', sell: insist, row: bar() },
    { name: 'Say what is meant', hint: 'a delta; the service folds what waits into one commit', sell: say, row: bar() },
  ];
  return h('section', { class: 'contention', 'aria-labelledby': 'contention' },
    h('h2', { id: 'contention' }, 'The same sales, two ways'),
    h('p', {}, 'Everybody wants the same product. The more callers there are, the more of the first kind are refused; the second kind never is.'),
    h('div', { class: 'tools' }, h('label', { for: 'callers' }, 'Callers at once: ', shown), callers, start),
    h('dl', {}, ways.map((way) => [h('dt', {}, way.name, ' ', h('span', { class: 'hint' }, way.hint)), h('dd', {}, way.row.element)])), status);

  async function run() {
    start.disabled = true;
    try {
      fill(status);
      ways.forEach((way) => way.row.show(0, 0, 0));
      for (const way of ways) {
        const product = await makeProduct('lab');
        await sellAll(product, way);
      }

      announce('Both ways are done.');
    } catch (e) {
      fill(status, e.message);
    } finally {
      start.disabled = false;
    }
  }

  async function sellAll(product, way) {
    let left = sales;
    let [made, refused] = [0, 0];
    const begun = performance.now();
    await Promise.all(Array.from({ length: Number(callers.value) }, async () => {
      while (left > 0) {
        left--;
        await way.sell(product, () => {
          refused++;
          show();
        });
        made++;
        show();
      }
    }));

    function show() {
      way.row.show(made, refused, performance.now() - begun);
    }
  }
}

async function insist(product, refused) {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    const { version } = await read(`/products/${product.id}`);
    const answer = await sellOne(product, { 'If-Match': `"${version}"` });
    if (answer.ok) {
      return;
    }

    // Anything but a conflict may be a sale that was made.
    if (answer.status !== 412) {
      throw new Error(`A sale was answered ${answer.status}.`);
    }

    refused();
  }

  throw new Error('One caller was refused too often and gave up.');
}

async function say(product) {
  const answer = await sellOne(product, {});
  if (!answer.ok) {
    throw new Error(`A sale was answered ${answer.status}.`);
  }
}

const sellOne = (product, headers) => post(`/products/${product.id}/adjustments`, {
  headers: { 'Content-Type': 'application/json', ...(session.isProved ? {} : { Actor: 'lab' }), 'Idempotency-Key': crypto.randomUUID(), ...headers },
  body: JSON.stringify({ delta: -1, reason: 'sale' }),
});

function bar() {
  const made = h('meter', { min: 0, max: sales, value: 0, 'aria-label': 'Sold' });
  const text = h('span', { class: 'hint' }, 'Not run yet.');
  return {
    element: h('div', {}, made, text),
    show(sold, refused, milliseconds) {
      made.value = sold;
      fill(text, `${units(sold)} sold, ${units(refused)} refused${milliseconds > 0 ? `, ${units(Math.round((sold * 1000) / milliseconds))} sales a second` : ''}`);
    },
  };
}
