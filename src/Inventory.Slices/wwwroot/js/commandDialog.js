// Asks for what a command needs, sends it, and stays until it is known how it ended.
import { h, fill, announce } from './elements.js';
import { openDialog, showErrors } from './dialog.js';
import { commands } from './commands.js';
import { conflictTitle, conflictView } from './conflict.js';
import { clashes } from './policies.js';
import { request, send } from './service.js';
import { counted } from './words.js';
import { askWho } from './who.js';

// On a busy product more would push the form away; what clashes stays longest.
const noticesMost = 4;

/**
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

  const command = commands[name];
  let seen = product;
  let values = given;
  let sending = false;
  const notice = h('div', { class: 'notice', role: 'status' });
  const dialog = openDialog(command.title, form(), watch(tell));

  function form() {
    const status = h('p', { class: 'status', role: 'status' });
    const preview = h('output', { class: 'preview' });
    const button = h('button', { type: 'submit', class: 'main' }, command.verb);
    const made = h('form', { novalidate: true, onsubmit: submit, oninput: foresee },
      h('div', { class: 'fields' }, command.fields(seen, values)), preview, notice, status,
      h('div', { class: 'choices' }, button, h('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel')));
    let unsettled = null;
    foresee();
    return made;

    function asked() {
      values = { ...values, ...Object.fromEntries(new FormData(made)) };
      return command.ask(values, seen);
    }

    function foresee() {
      unsettled = null;
      fill(button, command.verb);
      const { body } = asked();
      fill(preview, command.preview && !Object.values(body).some(Number.isNaN) ? command.preview(body, seen) : '');
    }

    async function submit(e) {
      e.preventDefault();
      const { method, path, body } = asked();
      const unreadable = Object.entries(body).filter(([, value]) => Number.isNaN(value)).map(([member]) => [member, 'Takes a whole number.']);
      showErrors(made, Object.fromEntries(unreadable));
      if (unreadable.length > 0) {
        return;
      }

      // What nobody knows the end of is sent again as it was, never as something new.
      const asking = unsettled ?? request(method, path, body, { seen: seen.version });
      button.disabled = true;
      const outcome = await carryOut(asking, status);
      button.disabled = false;
      if (outcome.kind === 'unsettled') {
        unsettled = asking;
        fill(button, 'Ask again');
      } else if (outcome.kind === 'refused') {
        refuse(outcome.problem, made, status);
      }
    }
  }

  /** Sends a command; what was done or is in conflict is dealt with here, the rest is the caller's. */
  async function carryOut(asking, status) {
    sending = true;
    dialog.stay(true);
    fill(status, 'Sending …');
    const outcome = await send(asking, actor, (problem) => fill(status, waitingFor(problem)));
    sending = false;
    dialog.stay(false);
    fill(status);
    if (outcome.kind === 'done') {
      dialog.close();
      done(outcome.answer);
      const { mergedWith } = outcome.answer;
      announce(mergedWith?.length > 0 ? `Done, together with ${counted(mergedWith.length, 'change', 'changes')} you had not seen.` : 'Done.');
    } else if (outcome.kind === 'conflict') {
      disagree(asking, outcome.problem.body);
    } else if (outcome.kind === 'unsettled') {
      fill(status, h('strong', {}, 'It is not known whether your change was made. '), outcome.by === undefined
        ? 'Ask again: it takes effect once, however often you ask.'
        : `Only ${outcome.by} can ask: sent by another it would be another change. Sign in as ${outcome.by}, or look at the history.`);
    }

    return outcome;
  }

  function disagree(asking, conflict) {
    const status = h('p', { class: 'status', role: 'status' });
    const view = conflictView(conflict, seen, actor, {
      // The body is the same, so the key may be: a conflict leaves no receipt.
      onTop: () => decide({ ...asking, seen: undefined, ifMatch: conflict.resubmit.ifMatch }, conflict.current),
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
      seen = nowSeen;
      const outcome = await carryOut(again, status);
      view.inert = false;
      if (outcome.kind === 'refused') {
        fill(status, outcome.problem.message);
      } else if (outcome.kind === 'unsettled') {
        status.append(' ', h('button', { type: 'button', onclick: () => decide(again, nowSeen) }, 'Ask again'));
      }
    }
  }

  /** A colleague changes the product while you edit. */
  async function tell(change) {
    if (sending || change.version <= seen.version) {
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

function waitingFor(problem) {
  switch (problem.slug) {
    case 'outcome-unknown': return 'It is not known yet whether it was done. Asking again …';
    case 'overloaded': case 'conflict-retries-exhausted': case 'too-many-requests': return 'Much is going on there. Trying again …';
    default: return 'The service cannot be reached. Trying again …';
  }
}

/** Shows why a command was refused: beside the fields when it is about them. */
export function refuse(problem, form, status) {
  const rest = problem.body.errors ? showErrors(form, problem.body.errors) : [problem.message];
  fill(status, rest.length > 0 ? [h('strong', {}, `${problem.body.title}. `), rest.join(' ')] : '');
}
