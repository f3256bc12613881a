// What a token does not allow is not hidden: its buttons stay, say why they do nothing, and do nothing.
import { h, fill, announce } from './elements.js';
import { session } from './session.js';

const reason = (scope) => `Your token does not allow this: it takes the scope ${scope}.`;

/** A button that takes a scope. */
export function needs(scope, button) {
  button.dataset.scope = scope;
  return shown(button);
}

/** Where it is said that the buttons beside it take a scope, when the token lacks it. */
export function whyNot(scope) {
  return shown(h('p', { class: 'hint whynot', 'data-scope': scope }));
}

function shown(element) {
  const { scope } = element.dataset;
  const lacking = session.lacks(scope);
  if (element.tagName === 'P') {
    fill(element, lacking ? reason(scope) : null);
  } else if (lacking) {
    // Not “disabled”: that could not be reached with the keyboard, so who listens would not learn that it is there, nor why it does nothing.
    element.setAttribute('aria-disabled', 'true');
    element.setAttribute('aria-description', reason(scope));
  } else {
    element.removeAttribute('aria-disabled');
    element.removeAttribute('aria-description');
  }

  return element;
}

session.onChange(() => document.querySelectorAll('[data-scope]').forEach(shown));
document.addEventListener('click', (e) => {
  const button = e.target.closest?.('[data-scope][aria-disabled]');
  if (button) {
    e.preventDefault();
    e.stopImmediatePropagation();
    announce(reason(button.dataset.scope));
  }
}, true);
