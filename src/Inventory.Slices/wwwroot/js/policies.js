// What the commands declare about conflicts, as the running service says it.
import { read } from './service.js';

let policies;

/** Whether a change stands against a command: true, false, or undefined when that is not known now. */
export async function clashes(command, event) {
  policies ??= read('/conflict-policies').then((matrix) => new Map(matrix.commands.map((declared) => [declared.name, declared])), () => {
    policies = undefined;
    return new Map();
  });
  return (await policies).get(command)?.clashesWith.includes(event);
}
