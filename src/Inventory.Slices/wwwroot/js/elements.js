// Makes elements. Text is always text: nothing that somebody typed can become markup.
import { away, when } from './words.js';

/** An HTML element. Functions named on… become listeners; null, undefined and false leave an attribute or a child out. */
export function h(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? '' : value);
    }
  }

  element.append(...shown(children));
  return element;
}

/** Gives an element other children. */
export function fill(element, ...children) {
  element.replaceChildren(...shown(children));
  return element;
}

const shown = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);

const millisecondsUntilRead = 2000;
let last = { text: '', at: -millisecondsUntilRead };

/** Says something to who listens instead of looking, after what was said a moment ago and may not have been read out. */
export function announce(text) {
  const now = performance.now();
  document.getElementById('announcements').textContent = now - last.at < millisecondsUntilRead ? `${last.text} ${text}` : text;
  last = { text, at: now };
}

/** A value that was seen to change is marked for a moment. */
export function mark(element) {
  element.classList.remove('changed');
  // Reading a size makes the browser notice that the class was away, so the animation starts again.
  void element.offsetWidth;
  element.classList.add('changed');
}

/** Calls a function at most once in a time, and once more at the end of it when it was called meanwhile. */
export function calmly(milliseconds, call) {
  let timer = null;
  let again = false;
  return function run() {
    if (timer !== null) {
      again = true;
      return;
    }

    timer = setTimeout(() => {
      timer = null;
      if (again) {
        again = false;
        run();
      }
    }, milliseconds);
    call();
  };
}

const passesMilliseconds = 5_000;

/** A time as its distance from now, which goes on while one looks. */
export const passing = (time) => h('time', { datetime: new Date(time).toISOString(), title: when(time), 'data-passing': true }, away(time));

setInterval(() => {
  for (const element of document.querySelectorAll('[data-passing]')) {
    const now = away(element.dateTime);
    if (element.textContent !== now) {
      element.textContent = now;
    }
  }
}, passesMilliseconds);
