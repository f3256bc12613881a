// Asks for what a command needs, sends it, and stays until it is known how it ended.
import { h, fill, announce } from './elements.js';
import { openDialog, showErrors, freeze } from './dialog.js';
import { commands } from './commands.js';
import { conflictTitle, conflictView } from './conflict.js';
import { clashes } from './policies.js';
import { request } from './service.js';
import { forget, leave, onLook, openAbout, run, track } from './doubts.js';
import { questionsIn } from './numbers.js';
import { counted } from './words.js';
import { askWho } from './who.js';

// On a busy product more would push the form away; what clashes stays longest.
const noticesMost = 4;

/**
 * Shows the form of a command. When another of mine about the same product is still in doubt, that one is shown and settled first.
 * @param name The command.
 * @param product The product as it is shown: what you saw when you decided.
 * @param given Values to begin with.
 * @param watch Registers a function that is told of every change to the product, and returns one that ends that.
 * @param done Is called with the answer once the command took effect.
 */
export async function openCommand(name, product, given, watch, done) {
  const actor = await askWho();
  if (actor === null) {
    return;
  }

  const open = openAbout(product.id);
  if (open === undefined) {
    showCommand({ name, product, values: given, actor, watch, done });
  } else {
    showCommand({ ...open.what, actor, watch, done, entry: open });
  }
}

onLook((entry) => showCommand({ ...entry.what, actor: entry.command.by, watch: () => () => {}, done: () => {}, entry }));

/** @param entry What was sent already, and is in doubt or in conflict. */
function showCommand({ name, product, values: given, actor, watch, done, entry: sent = null }) {
  const command = commands[name];
  let seen = product;
  let values = given;
  let entry = sent;
  let isClosed = false;
  const notice = h('div', { class: 'notice', role: 'status' });
  const unwatch = watch(tell);
  addEventListener('hashchange', closeWithScreen);
  const dialog = openDialog(command.title, form(), () => {
    isClosed = true;
    unwatch();
    removeEventListener('hashchange', closeWithScreen);
    if (entry !== null) {
      leave(entry);
    }
  });
  if (sent !== null) {
    sent.attended = true;
    if (sent.state === 'ended') {
      end(sent, sent.outcome);
    }
  }

  function closeWithScreen() {
    dialog.close();
  }

  function form() {
    const status = h('p', { class: 'status', role: 'status' });
    const preview = h('output', { class: 'preview' });
    const button = h('button', { type: 'submit', class: 'main' }, command.verb);
    const cancel = h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel');
    const made = h('form', { novalidate: true, onsubmit: submit, oninput: foresee, onchange: foresee },
      h('div', { class: 'fields' }, command.fields(seen, values)), preview, notice, status, h('div', { class: 'choices' }, button, cancel));
    foresee();
    if (entry !== null) {
      stand();
      tellDoubt(status, entry.outcome ?? {});
      fill(cancel, 'Close');
      entry.again = () => made.requestSubmit();
      if (entry.state === 'sending') {
        transmit();
      }
    }

    return made;

    function asked() {
      values = { ...values, ...Object.fromEntries(new FormData(made)) };
      return command.ask(values, seen);
    }

    function foresee() {
      const { body } = asked();
      fill(preview, command.preview && Object.keys(questionsIn(body)).length === 0 ? command.preview(body, seen) : '');
    }

    /** While it may have taken effect, it stands as it was sent: with another word in it, it would be something new. */
    function stand() {
      freeze(made, entry !== null);
      fill(button, entry === null ? command.verb : 'Ask again');
      fill(cancel, entry === null ? 'Cancel' : 'Close');
    }

    async function submit(e) {
      e.preventDefault();
      if (button.disabled) {
        return;
      }

      if (entry === null) {
        const { method, path, body } = asked();
        const questions = questionsIn(body);
        showErrors(made, questions);
        if (Object.keys(questions).length > 0) {
          return;
        }

        button.disabled = true;
        entry = await track(request(method, path, body, { seen: seen.version }), { name, title: command.title, product: seen, values }, () => isClosed);
        entry.again = () => made.requestSubmit();
      }

      await transmit();
    }

    async function transmit() {
      const focused = made.contains(document.activeElement) && document.activeElement !== cancel;
      freeze(made, true);
      button.disabled = true;
      const outcome = await carryOut(entry, status);
      button.disabled = false;
      if (!isClosed) {
        stand();
        if (outcome.kind === 'refused' || outcome.kind === 'turnedAway') {
          refuse(outcome.problem, made, status);
        }

        if (focused && made.isConnected && !made.contains(document.activeElement)) {
          button.focus();
        }
      }
    }
  }

  /** Sends a command; what was done or is in conflict is dealt with here, the rest is the caller's. */
  async function carryOut(asking, status) {
    entry = asking;
    fill(status, 'Sending …');
    const outcome = await run(asking, (problem) => fill(status, waitingFor(problem)));
    fill(status);
    if (!isClosed) {
      if (outcome.kind === 'unsettled') {
        tellDoubt(status, outcome);
      } else {
        entry = null;
        end(asking, outcome);
      }
    } else if (outcome.kind === 'done') {
      done(outcome.answer);
    }

    return outcome;
  }

  function end(asking, outcome) {
    if (outcome.kind === 'done') {
      dialog.close();
      done(outcome.answer);
      const { mergedWith } = outcome.answer;
      announce(mergedWith?.length > 0 ? `Done, together with ${counted(mergedWith.length, 'change', 'changes')} you had not seen.` : 'Done.');
    } else if (outcome.kind === 'conflict') {
      entry = null;
      forget(asking);
      disagree(asking.command, outcome.problem.body);
    } else if (asking === sent && entry !== null) {
      // It was refused while nobody looked: what was filled in can be changed now.
      entry = null;
      forget(asking);
      const again = form();
      dialog.show(command.title, again);
      refuse(outcome.problem, again, again.querySelector('.status'));
    }
  }

  function disagree(asking, conflict) {
    const status = h('p', { class: 'status', role: 'status' });
    const view = conflictView(conflict, seen, actor, {
      // The body is the same, so the key may be: a conflict leaves no receipt.
      onTop: () => decide({ ...asking, seen: undefined, ifMatch: conflict.resubmit.ifMatch, inDoubt: false }, conflict.current),
      settle: (how) => decide(request(asking.method, asking.path, { ...asking.body, onConflict: how }, { seen: seen.version }), seen),
      edit: () => {
        seen = conflict.current;
        fill(notice);
        dialog.show(command.title, form());
      },
      drop: () => {
        dialog.close();
        announce('Your change was dropped.');
      },
    });
    dialog.show(conflictTitle(conflict, actor), h('div', {}, view, status));

    async function decide(again, nowSeen) {
      view.inert = true;
      const asking = await track(again, { name, title: command.title, product: seen, values }, () => isClosed);
      seen = nowSeen;
      await ask(asking);
    }

    async function ask(asking) {
      asking.again = () => ask(asking);
      const outcome = await carryOut(asking, status);
      // What may have been done is neither edited nor dropped before it is known.
      view.inert = outcome.kind === 'unsettled';
      if (outcome.kind === 'refused' || outcome.kind === 'turnedAway') {
        fill(status, outcome.problem.message);
      } else if (outcome.kind === 'unsettled') {
        status.append(' ', h('button', { type: 'button', onclick: () => ask(asking) }, 'Ask again'));
      }
    }
  }

  /** A colleague changes the product while you edit. */
  async function tell(change) {
    if (entry !== null || change.version <= seen.version) {
      return;
    }

    const stands = await clashes(name, change.event);
    if (notice.children.length === noticesMost) {
      (notice.querySelector(':not(.clashes)') ?? notice.firstChild).remove();
    }

    const somebody = change.actor === actor ? 'You, elsewhere' : change.actor;
    notice.append(h('p', { class: stands ? 'clashes' : null },
      h('strong', {}, somebody), ': ', change.summary, '. ',
      stands ? 'That clashes with what you are doing: you will be asked when you send it.' : stands === false ? 'It does not touch what you are doing.' : ''));
  }
}

/** @param by Who alone can settle it, if it is not who is here now. */
export function tellDoubt(status, { by }) {
  fill(status, h('strong', {}, 'It is not known whether your change was made. '), by === undefined
    ? 'Ask again: it takes effect once, however often you ask.'
    : `Only ${by} can ask: sent by another it would be another change. Sign in as ${by}, or look at the history.`);
}

export function waitingFor(problem) {
  switch (problem.slug) {
    case 'outcome-unknown': return 'It is not known yet whether it was done. Asking again …';
    case 'overloaded': case 'conflict-retries-exhausted': case 'too-many-requests': return 'Much is going on there. Trying again …';
    default: return 'The service cannot be reached. Trying again …';
  }
}

/** Shows why a command was refused: beside the fields when it is about them. */
export function refuse(problem, form, status) {
  if (problem.body === undefined) {
    fill(status, problem.message);
    return;
  }

  const rest = problem.body.errors ? showErrors(form, problem.body.errors) : [problem.message];
  fill(status, rest.length > 0 ? [h('strong', {}, `${problem.body.title}. `), rest.join(' ')] : '');
}
