// Who uses this page: whoever the token names; where none is needed, asked once, kept in this browser, and sent with every command.
import { h, fill } from './elements.js';
import { openDialog, field, showErrors } from './dialog.js';
import { session } from './session.js';
import { askToken, showAccess } from './signIn.js';
import { until } from './words.js';

const name = 'actor';

/** The name, or null while nobody has said one. */
export const who = () => session.actor ?? localStorage.getItem(name);

/** The name; whoever has not said one is asked. Null when they would rather not. */
export function askWho(again = false) {
  if (session.isOut && session.actor === null) {
    return askToken().then((isIn) => (isIn ? who() : null));
  }

  if (who() !== null && !again) {
    return Promise.resolve(who());
  }

  return new Promise((resolve) => {
    const input = h('input', { name: 'actor', value: who() ?? '', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', maxlength: 100 });
    const form = h('form', { novalidate: true, onsubmit: save },
      h('p', {}, 'Your name stands beside every change you make, so that colleagues know whom to ask.'),
      field('actor', 'Name', input, 'Letters, digits and signs without spaces, such as ann or j.smith.'),
      h('div', { class: 'choices' },
        h('button', { type: 'submit', class: 'main' }, 'That is me'),
        h('button', { type: 'button', onclick: () => dialog.close() }, 'Not now')));
    const dialog = openDialog('Who are you?', form, () => resolve(who()));

    function save(e) {
      e.preventDefault();
      const given = input.value.trim();
      // What the Actor header takes.
      if (!/^[!-~]{1,100}$/.test(given)) {
        showErrors(form, { actor: given === '' ? 'A name is needed.' : 'Takes 1 to 100 visible ASCII characters without spaces.' });
        return;
      }

      localStorage.setItem(name, given);
      document.dispatchEvent(new Event('who'));
      show();
      dialog.close();
    }
  });
}

/** Begins to show who it is, on the button that changes it. */
export async function beginWho() {
  const button = document.getElementById('who');
  session.onChange(show);
  button.addEventListener('click', () => (session.isIn ? showAccess() : session.isOut ? askToken() : askWho(true)));
  show();
  await session.begin();
  if (session.isOut) {
    askToken();
  }
}

function show() {
  const button = document.getElementById('who');
  if (session.isIn || session.isOut) {
    fill(button, session.isIn ? [session.actor, h('span', { class: 'until' }, ` until ${until(session.endsAt)}`)] : 'Sign in');
    button.ariaLabel = session.isIn ? `Signed in as ${session.actor} until ${until(session.endsAt)}` : null;
    button.hidden = false;
  } else {
    fill(button, who() ?? 'Say who you are');
    button.ariaLabel = who() === null ? null : `You are ${who()}, change`;
  }
}
