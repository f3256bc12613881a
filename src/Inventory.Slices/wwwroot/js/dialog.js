// Dialogs and the fields of their forms. The browser's own <dialog> keeps the focus inside and gives it back at the end.
import { h, fill } from './elements.js';

let dialogs = 0;

/** Opens a dialog. The focus goes to its first field, or to its title when it has none. */
export function openDialog(title, content, closed = () => {}) {
  const id = `dialog-${++dialogs}`;
  const heading = h('h2', { id, tabindex: '-1' });
  const body = h('div', { class: 'body' });
  const dialog = h('dialog', { 'aria-labelledby': id, onclose: end },
    h('header', {}, heading, h('button', { type: 'button', class: 'quiet close', 'aria-label': 'Close', onclick: close }, '✕')), body);
  document.body.append(dialog);
  dialog.showModal();
  show(title, content);

  function show(newTitle, newContent) {
    fill(heading, newTitle);
    fill(body, newContent);
    (body.querySelector('[autofocus]') ?? body.querySelector('input, select, textarea') ?? heading).focus();
  }

  function close() {
    dialog.close();
  }

  function end() {
    dialog.remove();
    closed();
  }

  return {
    show,
    close,
  };
}

/** A labelled field, with room for a hint and for what is wrong with it. */
export function field(name, label, input, hint) {
  input.id = `field-${name}`;
  input.setAttribute('aria-describedby', `hint-${name} error-${name}`);
  return h('div', { class: 'field' },
    h('label', { for: input.id }, label), input,
    h('p', { id: `hint-${name}`, class: 'hint' }, hint),
    h('p', { id: `error-${name}`, class: 'error' }));
}

/** Shows what is wrong with which field, and goes to the first of them. Says which of the errors belong to no field. */
export function showErrors(form, errors) {
  for (const input of form.querySelectorAll('[aria-describedby]')) {
    const error = form.querySelector(`#error-${input.name}`);
    error.textContent = errors[input.name] ?? '';
    if (input.name in errors) {
      input.setAttribute('aria-invalid', 'true');
    } else {
      input.removeAttribute('aria-invalid');
    }
  }

  form.querySelector('[aria-invalid]')?.focus();
  return Object.entries(errors).filter(([name]) => form.elements[name] === undefined).map(([name, error]) => `${name}: ${error}`);
}

/** Keeps what was filled in from being changed, or lets it be changed again. */
export function freeze(form, on) {
  for (const input of form.querySelectorAll('input, select, textarea')) {
    input.disabled = on;
  }
}
