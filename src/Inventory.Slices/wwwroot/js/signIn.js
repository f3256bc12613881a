// Asks for a token, and shows whose it is.
import { h, fill, announce } from './elements.js';
import { openDialog, field, showErrors } from './dialog.js';
import { session } from './session.js';
import { until } from './words.js';

let asking = null;

/** Asks for a token; true once there is a good one. Whoever asks meanwhile waits for the same. */
export function askToken() {
  asking ??= new Promise((resolve) => {
    const input = h('input', { name: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', autofocus: true });
    const button = h('button', { type: 'submit', class: 'main' }, 'Sign in');
    const status = h('p', { class: 'status', role: 'status' });
    const form = h('form', { novalidate: true, onsubmit: submit },
      h('p', {}, session.actor === null ? 'This service shows its stock to whoever has an access token for it.'
        : `The token of ${session.actor} is not good any more. What you have typed stays as it is.`),
      field('token', 'Access token', input, 'It stays in this tab until you sign out or close the tab.'),
      h('details', { class: 'help' }, h('summary', {}, 'Where do I get one?'),
        h('p', {}, 'From your company’s identity provider: a token made for this service, with the scope ', h('code', {}, 'inventory.read'), ' to look or ',
          h('code', {}, 'inventory.write'), ' to change things too. Ask whoever runs the service.'),
        h('p', {}, 'On a developer’s machine, this makes one:'),
        h('pre', { tabindex: '0' }, 'dotnet user-jwts create --project src/Inventory.Slices --audience inventory --name ann --scope inventory.write --output token')),
      status,
      h('div', { class: 'choices' }, button, h('button', { type: 'button', onclick: () => dialog.close() }, 'Not now')));
    const dialog = openDialog(session.actor === null ? 'Sign in' : 'Sign in again', form, () => {
      asking = null;
      resolve(session.isIn);
    });

    async function submit(e) {
      e.preventDefault();
      // Pasted from a command line or a header, it comes with what was around it.
      const given = input.value.replace(/^\s*(authorization:)?\s*(bearer\s)?/i, '').replace(/["'\s]/g, '');
      if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(given)) {
        showErrors(form, { token: given === '' ? 'A token is needed.' : 'That is no token: one has three parts with dots between them. Was it pasted as a whole?' });
        return;
      }

      showErrors(form, {});
      button.disabled = true;
      fill(status, 'Asking the service …');
      const fault = await session.signIn(given);
      button.disabled = false;
      fill(status);
      if (fault === null) {
        announce(`You are signed in as ${session.actor}.`);
        dialog.close();
      } else {
        showErrors(form, { token: fault });
      }
    }
  });
  return asking;
}

/** What stands where something would be shown that could not be read. */
export function unreadable(problem, otherwise, again) {
  return h('div', { class: 'empty' }, problem.status === 401
    ? [h('p', {}, 'Sign in to see this.'), h('button', { type: 'button', class: 'main', onclick: askToken }, 'Sign in')]
    : [h('p', {}, problem.status === undefined || problem.status >= 500 ? otherwise : problem.message), h('button', { type: 'button', onclick: () => again() }, 'Try again')]);
}

const allowed = [['inventory.read', 'see the stock'], ['inventory.write', 'change it'], ['inventory.admin', 'see how conflicts end']];

/** Shows who is signed in, what their token allows and until when. */
export function showAccess() {
  const dialog = openDialog(`You are ${session.actor}`, h('div', {},
    h('p', {}, `Your token is good until ${until(session.endsAt)}. History names you as its subject.`),
    h('ul', { class: 'allowed' }, allowed.map(([scope, what]) => h('li', {},
      h('span', { class: session.lacks(scope) ? 'tag warn' : 'tag' }, session.lacks(scope) ? 'you may not' : 'you may'), ` ${what} `, h('code', {}, scope)))),
    h('div', { class: 'choices' },
      h('button', { type: 'button', class: 'main', onclick: session.signOut }, 'Sign out'),
      h('button', { type: 'button', onclick: () => { dialog.close(); askToken(); } }, 'Use another token'))));
}
