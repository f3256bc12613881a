// The catalogue: search, filters, sorting, pages, and stock that changes while you look.
import { h, fill, announce, calmly, mark, passing } from './elements.js';
import { units, counted } from './words.js';
import { readList, request } from './service.js';
import { follow, lost, reached } from './live.js';
import { openDialog, field, showErrors, freeze } from './dialog.js';
import { refuse, tellDoubt, waitingFor } from './commandDialog.js';
import { leave, openAbout, run, track } from './doubts.js';
import { questionsIn, whole } from './numbers.js';
import { askWho } from './who.js';
import { unreadable } from './signIn.js';
import { needs, whyNot } from './allowed.js';

const pageSize = 25;
const typingMilliseconds = 200;
const refreshMilliseconds = 700;

const filters = {
  range: ['In the range', { discontinued: 'false' }],
  low: ['Low stock', { lowStock: 'true' }],
  gone: ['Discontinued', { discontinued: 'true' }],
  all: ['All', {}],
};

/** Shows the catalogue as the address says; returns how to end that. */
export function showCatalogue(main, query) {
  const question = { search: query.get('search') ?? '', filter: query.get('filter') ?? 'range', sort: query.get('sort') ?? '' };
  // The cursors of the pages before this one.
  const before = [];
  let cursor = null;
  let next = null;
  let reading = new AbortController();
  let isReading = false;
  let isOutdated = false;
  let typing = null;
  let lag = null;
  const rows = new Map();

  const search = h('input', { type: 'search', id: 'search', value: question.search, placeholder: 'Name or SKU', maxlength: 100, autocomplete: 'off', oninput: typed });
  const body = h('tbody', {});
  const status = h('p', { class: 'freshness', role: 'status' });
  const empty = h('div', {});
  const table = h('table', { class: 'catalogue' }, h('caption', { class: 'unseen' }, 'Products'),
    h('thead', {}, h('tr', {},
      sortable('name', 'Product'), sortable('sku', 'SKU', 'wide'), sortable('available', 'Available', 'number'),
      h('th', { scope: 'col', class: 'number wide' }, 'On hand'), h('th', { scope: 'col', class: 'number wide' }, 'Reserved'),
      h('th', { scope: 'col', class: 'wide' }, 'Changed'))),
    body);
  const back = h('button', { type: 'button', onclick: () => turn(before.pop()) }, 'Previous');
  const forth = h('button', { type: 'button', onclick: () => { before.push(cursor); turn(next); } }, 'Next');

  document.title = 'Stock';
  fill(main,
    h('div', { class: 'headline' }, h('h1', {}, 'Stock'), needs('inventory.write', h('button', { type: 'button', class: 'main', onclick: create }, 'New product'))),
    whyNot('inventory.write'),
    h('form', { class: 'tools', role: 'search', onsubmit: (e) => e.preventDefault() },
      h('label', { class: 'unseen', for: 'search' }, 'Search'), search,
      h('fieldset', { class: 'switch' }, h('legend', { class: 'unseen' }, 'Show'),
        Object.entries(filters).map(([name, [label]]) => h('label', {},
          h('input', { type: 'radio', name: 'filter', value: name, checked: name === question.filter, onchange: () => ask({ filter: name }) }), h('span', {}, label))))),
    status, table, empty, h('nav', { class: 'pages', 'aria-label': 'Pages of the list' }, back, forth));

  const refresh = calmly(refreshMilliseconds, readAgain);
  const end = follow('/changes', refresh, readAgain);
  load();
  return () => {
    end();
    clearTimeout(typing);
    clearTimeout(lag);
    reading.abort();
  };

  function sortable(name, label, css) {
    const button = h('button', { type: 'button', onclick: () => ask({ sort: question.sort === name ? `-${name}` : name }) }, label);
    const heading = h('th', { scope: 'col', class: css ?? null, 'data-sort': name }, button);
    return heading;
  }

  function typed() {
    clearTimeout(typing);
    typing = setTimeout(() => ask({ search: search.value.trim() }), typingMilliseconds);
  }

  function ask(change) {
    Object.assign(question, change);
    const address = new URLSearchParams(Object.entries(question).filter(([name, value]) => value !== '' && !(name === 'filter' && value === 'range')));
    history.replaceState(null, '', `#/?${address}`);
    before.length = 0;
    turn(null);
  }

  function turn(to) {
    cursor = to;
    return load();
  }

  /** Something has changed. What is being read is not given up for that, or a list that changes all the time would never be seen. */
  function readAgain() {
    isOutdated = isReading;
    if (!isReading) {
      load();
    }
  }

  /** Reads the page and shows it; the rows that stay are kept, and so is the focus in them. */
  async function load() {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    isReading = true;
    const parameters = new URLSearchParams({ limit: pageSize, ...filters[question.filter]?.[1] });
    for (const [name, value] of Object.entries({ search: question.search, sort: question.sort, cursor })) {
      if (value) {
        parameters.set(name, value);
      }
    }

    table.setAttribute('aria-busy', 'true');
    try {
      const page = await readList(`/products?${parameters}`, { signal });
      reached();
      show(page);
    } catch (e) {
      if (signal.aborted) {
        return;
      }

      lost(e);
      fill(empty, rows.size > 0 ? null : unreadable(e, 'The catalogue could not be read.', load));
    } finally {
      table.removeAttribute('aria-busy');
      if (!signal.aborted) {
        isReading = false;
        if (isOutdated) {
          isOutdated = false;
          refresh();
        }
      }
    }
  }

  function show({ items, next: following, freshness }) {
    next = following;
    for (const heading of table.querySelectorAll('[data-sort]')) {
      const direction = { [heading.dataset.sort]: 'ascending', [`-${heading.dataset.sort}`]: 'descending' }[question.sort || (question.search ? '' : 'sku')];
      heading.setAttribute('aria-sort', direction ?? 'none');
    }

    const listed = new Set(items.map((item) => item.id));
    for (const [id, row] of rows) {
      if (!listed.has(id)) {
        row.element.remove();
        rows.delete(id);
      }
    }

    items.forEach((item, place) => {
      const row = rows.get(item.id) ?? newRow(item.id);
      row.show(item);
      if (body.children[place] !== row.element) {
        body.insertBefore(row.element, body.children[place] ?? null);
      }
    });

    table.hidden = items.length === 0;
    fill(empty, items.length > 0 ? null : nothing());
    back.hidden = before.length === 0;
    forth.hidden = next === null;
    fill(status, freshness.upToDate ? null : behind(freshness));
    clearTimeout(lag);
    if (!freshness.upToDate) {
      lag = setTimeout(load, refreshMilliseconds);
    }
  }

  function newRow(id) {
    const row = makeRow();
    rows.set(id, row);
    return row;
  }

  function nothing() {
    const filtered = question.search !== '' || question.filter !== 'range';
    return h('div', { class: 'empty' },
      h('p', {}, filtered ? 'Nothing here is like that.' : 'Nothing is in stock yet.'),
      filtered ? h('button', { type: 'button', onclick: clear }, 'Show everything') : h('p', { class: 'hint' }, 'Make a first product, or import a file: see the reference.'));
  }

  function clear() {
    search.value = '';
    main.querySelector('[name=filter][value=all]').checked = true;
    ask({ search: '', filter: 'all' });
    search.focus();
  }

  async function create() {
    const actor = await askWho();
    if (actor === null) {
      return;
    }

    let entry = openAbout(null) ?? null;
    let isClosed = false;
    const id = crypto.randomUUID();
    const { sku = '', name = '', initialQuantity = '0' } = entry?.what.values ?? {};
    const status = h('p', { class: 'status', role: 'status' });
    const button = h('button', { type: 'submit', class: 'main' }, 'Create');
    const form = h('form', { novalidate: true, onsubmit: submit },
      h('div', { class: 'fields' },
        field('sku', 'SKU', h('input', { name: 'sku', autocomplete: 'off', maxlength: 64, value: sku }), 'Letters, digits, dots, hyphens and underscores.'),
        field('name', 'Name', h('input', { name: 'name', autocomplete: 'off', value: name })),
        field('initialQuantity', 'Units on hand', h('input', { name: 'initialQuantity', inputmode: 'numeric', autocomplete: 'off', value: initialQuantity }))),
      status,
      h('div', { class: 'choices' }, button, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel')));
    addEventListener('hashchange', closeWithScreen);
    const dialog = openDialog('New product', form, () => {
      isClosed = true;
      removeEventListener('hashchange', closeWithScreen);
      if (entry !== null) {
        leave(entry);
      }
    });
    if (entry !== null) {
      entry.attended = true;
      await (entry.state === 'unsettled' ? stand() : transmit());
    }

    function closeWithScreen() {
      dialog.close();
    }

    function stand() {
      freeze(form, entry !== null);
      fill(button, entry === null ? 'Create' : 'Ask again');
      if (entry !== null) {
        entry.again = () => form.requestSubmit();
        tellDoubt(status, entry.outcome ?? {});
      }
    }

    async function submit(e) {
      e.preventDefault();
      if (button.disabled) {
        return;
      }

      if (entry === null) {
        const values = Object.fromEntries(new FormData(form));
        const body = { sku: values.sku.trim(), name: values.name, initialQuantity: whole(values.initialQuantity), id };
        const questions = questionsIn(body);
        showErrors(form, questions);
        if (Object.keys(questions).length > 0) {
          return;
        }

        button.disabled = true;
        entry = await track(request('POST', '/products', body), { name: 'CreateProduct', title: 'New product', product: null, values }, () => isClosed);
      }

      await transmit();
    }

    async function transmit() {
      button.disabled = true;
      freeze(form, true);
      fill(status, 'Sending …');
      const outcome = await run(entry, (problem) => fill(status, waitingFor(problem)));
      button.disabled = false;
      fill(status);
      if (isClosed) {
        return;
      }

      if (outcome.kind !== 'unsettled') {
        entry = null;
      }

      stand();
      if (outcome.kind === 'done') {
        dialog.close();
        location.hash = `#/products/${outcome.answer.productId}`;
      } else if (outcome.kind !== 'unsettled') {
        refuse(outcome.problem, form, status);
      }
    }
  }
}

function behind({ lagEvents, lagMs }) {
  return lagEvents > 0
    ? `${counted(lagEvents, 'change is', 'changes are')} on the way here; the oldest since ${lagMs < 1000 ? 'a moment' : counted(Math.round(lagMs / 1000), 'second', 'seconds')}.`
    : 'What you just changed is on the way here.';
}

function makeRow() {
  const link = h('a', {});
  const sku = h('span', { class: 'sku' });
  const tags = h('span', { class: 'tags' });
  const available = h('td', { class: 'number available' });
  const onHand = h('td', { class: 'number wide' });
  const reserved = h('td', { class: 'number wide' });
  const changed = h('td', { class: 'wide hint' });
  const skuCell = h('td', { class: 'wide sku' });
  const element = h('tr', {}, h('th', { scope: 'row' }, link, ' ', tags, sku), skuCell, available, onHand, reserved, changed);
  let shown = null;
  return {
    element,
    show(item) {
      fill(changed, passing(item.changedAt));
      if (shown?.version === item.version) {
        return;
      }

      link.href = `#/products/${item.id}`;
      fill(link, item.name);
      fill(sku, item.sku);
      fill(skuCell, item.sku);
      fill(tags, item.discontinued ? h('span', { class: 'tag' }, 'discontinued') : item.lowStock ? h('span', { class: 'tag warn' }, item.available === 0 ? 'none left' : 'low') : null);
      fill(available, units(item.available));
      fill(onHand, units(item.onHand));
      fill(reserved, item.reserved === 0 ? '–' : units(item.reserved));
      if (shown !== null && shown.available !== item.available) {
        mark(available);
        announce(`${item.name}: ${units(item.available)} available`);
      }

      shown = item;
    },
  };
}
