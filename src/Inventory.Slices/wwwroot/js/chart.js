// Draws a product's stock over time.
import { h, svg, fill } from './elements.js';
import { units, when, counted } from './words.js';

const height = 220;
const margin = { top: 20, right: 2, bottom: 24, left: 2 };
const linesAcross = 3;
// A time without changes is drawn no longer than so many usual ones, or a quiet night would press the day into a line.
const quietTimes = 6;

/** @param history Events, the newest first, each with the stock after it. */
export function stockChart(history, product) {
  const points = [...history].reverse().map((item) => ({ ...item, time: Date.parse(item.at) }));
  const width = matchMedia('(max-width: 44rem)').matches ? 320 : 1000;
  // The last state holds until now.
  const last = Math.max(Date.now(), points.at(-1).time);
  const gaps = points.map((point, n) => (points[n + 1]?.time ?? last) - point.time);
  const longest = Math.max(1, quietTimes * gaps.toSorted((a, b) => a - b)[Math.floor(gaps.length / 2)]);
  const shortened = gaps.some((gap) => gap > longest) && points.length > 2;
  const drawn = gaps.map((gap) => (shortened ? Math.min(gap, longest) : Math.max(gap, 1)));
  const whole = drawn.reduce((sum, gap) => sum + gap, 0);
  const top = ceiling(Math.max(1, product.reorderPoint ?? 0, ...points.map((point) => point.onHand)));
  let along = 0;
  for (const [n, point] of points.entries()) {
    point.x = margin.left + (along / whole) * (width - margin.left - margin.right);
    along += drawn[n];
  }

  const [left, right] = [margin.left, width - margin.right];
  const y = (count) => height - margin.bottom - (count / top) * (height - margin.top - margin.bottom);

  // Stock stays what it is until the next event, so the line goes in steps.
  const steps = (count) => points.map((point, n) => `${n === 0 ? 'M' : 'H'}${point.x.toFixed(1)}${n === 0 ? ',' : 'V'}${y(count(point)).toFixed(1)}`).join('') + `H${right}`;
  const onHand = steps((point) => point.onHand);
  const cursor = svg('g', { class: 'cursor', visibility: 'hidden' },
    svg('line', { y1: margin.top, y2: height - margin.bottom }), svg('circle', { r: 4 }));
  const told = h('figcaption', { class: 'hint' }, summary());

  const drawing = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Stock over time. ${summary()}`, onpointermove: show, onpointerleave: leave },
    Array.from({ length: linesAcross + 1 }, (_, n) => (top / linesAcross) * n).map((count) => svg('g', { class: 'grid' },
      svg('line', { x1: left, x2: right, y1: y(count), y2: y(count) }),
      svg('text', { x: left, y: y(count) - 4 }, units(count)))),
    svg('path', { class: 'area', d: `${onHand}V${y(0)}H${left}Z` }),
    svg('path', { class: 'available', d: steps((point) => point.available) }),
    svg('path', { class: 'onhand', d: onHand }),
    product.reorderPoint === null ? null
      : svg('line', { class: 'reorder', x1: left, x2: right, y1: y(product.reorderPoint), y2: y(product.reorderPoint) }),
    svg('text', { class: 'axis', x: left, y: height - 6 }, when(points[0].at)),
    svg('text', { class: 'axis', x: right, y: height - 6, 'text-anchor': 'end' }, 'now'),
    cursor);
  return h('figure', { class: 'chart' },
    h('ul', { class: 'legend' }, h('li', { class: 'onhand' }, 'on hand'), h('li', { class: 'available' }, 'available'),
      product.reorderPoint === null ? null : h('li', { class: 'reorder' }, 'reorder point')),
    drawing, told);

  function summary() {
    const counts = points.map((one) => one.onHand);
    return `${counted(points.length, 'change', 'changes')}${points[0].version > 1 ? ', the newest' : ''}: between ${units(Math.min(...counts))} and ${units(Math.max(...counts))} on hand, now ${units(counts.at(-1))}.${shortened ? ' Quiet times are drawn shorter.' : ''}`;
  }

  function show(e) {
    const box = drawing.getBoundingClientRect();
    const under = ((e.clientX - box.left) / box.width) * width;
    const at = points.findLast((one) => one.x <= under) ?? points[0];
    const [line, dot] = cursor.children;
    line.setAttribute('x1', at.x);
    line.setAttribute('x2', at.x);
    dot.setAttribute('cx', at.x);
    dot.setAttribute('cy', y(at.onHand));
    cursor.setAttribute('visibility', 'visible');
    fill(told, `${when(at.at)}, ${at.actor}: ${at.summary}`);
  }

  function leave() {
    cursor.setAttribute('visibility', 'hidden');
    fill(told, summary());
  }
}

/** The next round number that can be divided by whole lines. */
function ceiling(count) {
  const power = 10 ** Math.max(1, Math.floor(Math.log10(count)));
  return count <= 3 ? 3 : count <= 6 ? 6 : [0.9, 1.2, 1.5, 1.8, 2.4, 3, 4.5, 6, 7.5, 9].map((factor) => Math.round(factor * power)).find((round) => round >= count) ?? 12 * power;
}
