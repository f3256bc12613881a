// One product: its stock now and over time, what happened to it, its reservations, and what can be done.
import { h, fill, announce, calmly, mark, passing } from './elements.js';
import { units, signed, day } from './words.js';
import { Problem, read } from './service.js';
import { follow, lost, reached } from './live.js';
import { openCommand } from './commandDialog.js';
import { stockChart } from './chart.js';
import { who } from './who.js';
import { unreadable } from './signIn.js';
import { needs, whyNot } from './allowed.js';

const historyMax = 200;
const shownAtFirst = 12;
const refreshMilliseconds = 150;
// Movements are a projection, and trail what is exact.
const movementsMilliseconds = 1_500;

/** Shows a product; returns how to end that. */
export function showProduct(main, id) {
  let product = null;
  let history = [];
  let shown = shownAtFirst;
  let ended = false;
  const watchers = new Set();
  const path = `/products/${encodeURIComponent(id)}`;

  const figures = figuresOf();
  const title = h('h1', {});
  const sku = h('p', { class: 'sku' });
  const tags = h('span', { class: 'tags' });
  const actions = h('div', { class: 'actions' });
  const chart = h('div', {});
  const events = h('ol', { class: 'changes' });
  const more = h('button', { type: 'button', onclick: () => { shown = historyMax; showHistory(); } }, 'Show more');
  const reservations = h('div', {});
  const movements = h('div', {});
  fill(main, h('p', { class: 'hint' }, 'Loading …'));

  const refresh = calmly(refreshMilliseconds, load);
  const refreshMovements = calmly(movementsMilliseconds, loadMovements);
  const end = follow(`${path}/changes`, changed, refresh);
  load();
  return () => {
    ended = true;
    end();
  };

  function changed(change) {
    watchers.forEach((tell) => tell(change));
    if (product !== null && change.version > product.version) {
      if (change.actor !== who()) {
        announce(`${change.actor}: ${change.summary}`);
      }

      refresh();
    }
  }

  function watch(tell) {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }

  async function load() {
    try {
      const [now, promised] = await Promise.all([read(path), read(`${path}/reservations`)]);
      if (ended || (product !== null && now.version < product.version)) {
        return;
      }

      const news = product === null ? historyMax : Math.min(now.version - product.version, historyMax);
      const told = news === 0 ? [] : (await read(`${path}/history?limit=${news}&cursor=${now.version + 1}`)).items;
      reached();
      if (ended || (product !== null && now.version < product.version)) {
        return;
      }

      const known = history[0]?.version ?? 0;
      history = [...told.filter((item) => item.version > known), ...history].slice(0, historyMax);
      const before = product;
      product = now;
      if (before === null) {
        layOut();
      }

      show(before);
      showReservations(promised.items);
      refreshMovements();
    } catch (e) {
      fail(e);
    }
  }

  async function loadMovements() {
    try {
      const list = await read(`/stock/movements?product=${product.id}`);
      showMovements(list);
      if (!list.freshness.upToDate && list.items[0]?.version !== product.version && !ended) {
        refreshMovements();
      }
    } catch {
      // What is shown of a while ago says so; the rest of the page tells that the service is away.
    }
  }

  function fail(e) {
    if (ended) {
      return;
    }

    if (e instanceof Problem && [400, 404].includes(e.status)) {
      end();
      document.title = 'Not found';
      fill(main, h('div', { class: 'empty' }, h('h1', {}, e.body.title), h('p', {}, e.message), h('p', {}, h('a', { href: '#/' }, 'Back to the stock'))));
      return;
    }

    lost(e);
    if (product === null) {
      fill(main, unreadable(e, 'The product could not be read.', load));
    }
  }

  function layOut() {
    fill(main,
      h('p', {}, h('a', { class: 'back', href: '#/' }, 'Stock')),
      h('div', { class: 'headline' }, h('div', {}, sku, title, tags)),
      figures.element, actions, whyNot('inventory.write'),
      h('section', { class: 'card', 'aria-label': 'Stock over time' }, chart),
      h('div', { class: 'columns' },
        h('section', { 'aria-labelledby': 'history' }, h('h2', { id: 'history' }, 'What happened'), events, more),
        h('div', {},
          h('section', { 'aria-labelledby': 'reserved' }, h('h2', { id: 'reserved' }, 'Reservations'), reservations),
          h('section', { 'aria-labelledby': 'movements' }, h('h2', { id: 'movements' }, 'Day by day'), movements))));
  }

  function show(before) {
    document.title = product.name;
    fill(title, product.name);
    fill(sku, product.sku);
    const low = !product.discontinued && product.reorderPoint !== null && product.available <= product.reorderPoint;
    fill(tags, product.discontinued ? h('span', { class: 'tag' }, 'discontinued') : low ? h('span', { class: 'tag warn' }, 'low stock') : null);
    figures.show(product, before);
    if (before === null || before.discontinued !== product.discontinued) {
      showActions();
    }

    fill(chart, stockChart(history, product));
    showHistory();
  }

  function showActions() {
    const button = (name, label, css) => needs('inventory.write', h('button', { type: 'button', class: css ?? null, onclick: () => act(name) }, label));
    fill(actions, product.discontinued
      ? [button('ReinstateProduct', 'Reinstate', 'main')]
      : [button('AdjustStock', 'Adjust stock', 'main'), button('ReserveStock', 'Reserve'), button('CountStock', 'Count'),
        button('RenameProduct', 'Rename', 'quiet'), button('SetReorderPoint', 'Reorder point', 'quiet'), button('DiscontinueProduct', 'Discontinue', 'quiet')]);
  }

  function act(name, given = {}) {
    return openCommand(name, product, given, watch, (answer) => {
      if (answer.version > product.version) {
        refresh();
      }
    });
  }

  function showHistory() {
    fill(events, history.slice(0, shown).map((item) => h('li', {},
      h('p', {}, h('strong', {}, item.actor), ': ', item.summary),
      h('p', { class: 'hint' }, passing(item.at), ', version ', units(item.version)))));
    more.hidden = history.length <= shown;
  }

  function showReservations(open) {
    fill(reservations, open.length === 0
      ? h('p', { class: 'hint' }, 'None are open.')
      : h('ul', { class: 'reservations' }, open.map((reservation) => {
        const what = `${units(reservation.quantity)} for ${reservation.reference ?? reservation.reservedBy}`;
        return h('li', {},
          h('div', {}, h('p', {}, h('strong', {}, units(reservation.quantity)), ` for ${reservation.reference ?? reservation.reservedBy}`),
            h('p', { class: 'hint' }, `by ${reservation.reservedBy}, ends `, passing(reservation.expiresAt))),
          h('div', { class: 'actions' },
            needs('inventory.write', h('button', { type: 'button', 'aria-label': `Hand out ${what}`, onclick: () => act('CommitReservation', { reservation }) }, 'Hand out')),
            needs('inventory.write', h('button', { type: 'button', class: 'quiet', 'aria-label': `Release ${what}`, onclick: () => act('ReleaseReservation', { reservation }) }, 'Release'))));
      })));
  }

  function showMovements({ items, freshness }) {
    const most = Math.max(1, ...items.flatMap((moved) => [moved.in, moved.out]));
    fill(movements,
      items.length === 0 ? h('p', { class: 'hint' }, 'Nothing moved in the last 30 days.')
        : h('table', { class: 'movements' },
          h('thead', {}, h('tr', {}, ['Day', 'In', 'Out', 'Counts'].map((name, n) => h('th', { scope: 'col', class: n > 0 ? 'number' : null }, name)))),
          h('tbody', {}, items.map((moved) => h('tr', {}, h('th', { scope: 'row' }, day(moved.day)),
            amount(moved.in, most, 'in'), amount(moved.out, most, 'out'), h('td', { class: 'number' }, moved.corrections === 0 ? '–' : signed(moved.corrections)))))),
      freshness.upToDate || items[0]?.version === product.version ? null : h('p', { class: 'hint' }, 'The newest changes are on the way here.'));
  }
}

function amount(count, most, css) {
  return h('td', { class: 'number' }, count === 0 ? '–' : [units(count), h('meter', { class: css, min: 0, max: most, value: count, 'aria-hidden': 'true' })]);
}

function figuresOf() {
  const made = Object.fromEntries(['available', 'onHand', 'reserved', 'reorderPoint'].map((name) => [name, h('dd', {})]));
  return {
    element: h('dl', { class: 'figures' },
      h('div', { class: 'first' }, h('dt', {}, 'Available'), made.available), h('div', {}, h('dt', {}, 'On hand'), made.onHand),
      h('div', {}, h('dt', {}, 'Reserved'), made.reserved), h('div', {}, h('dt', {}, 'Reorder at'), made.reorderPoint)),
    show(product, before) {
      for (const [name, element] of Object.entries(made)) {
        fill(element, product[name] === null ? '–' : units(product[name]));
        if (before !== null && before[name] !== product[name]) {
          mark(element);
        }
      }
    },
  };
}
