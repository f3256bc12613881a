// Reads whole numbers as people write them. What could be meant in two ways is asked back, never guessed.

// A billion; the service has narrower limits of its own for most fields.
const most = 1_000_000_000;

/** Why something that somebody wrote is not taken for a number. */
export class Question {
  constructor(text) {
    this.text = text;
  }
}

/** @returns {number|Question} */
export function whole(written) {
  const text = written.trim();
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    return number <= most ? number : new Question('That is too much: 1000000000 at most.');
  }

  if (text === '') {
    return new Question('A number is needed.');
  }

  if (/^[+\-−–]\s*\d/.test(text)) {
    return new Question(`“${text}” has a sign. Write the number without it.`);
  }

  if (/^\d{1,3}([.,' \u00a0\u202f’]\d{3})+$/.test(text)) {
    return new Question(`Is “${text}” a thousand or a fraction? Write it in digits only, such as ${text.replace(/\D/g, '')}.`);
  }

  return new Question(/^\d+[.,]\d+$/.test(text) ? `“${text}” is no whole number of units.` : 'Takes a whole number, in the digits 0 to 9 only.');
}

/** The questions in a body, by member. */
export const questionsIn = (body) => Object.fromEntries(
  Object.entries(body).filter(([, value]) => value instanceof Question).map(([member, question]) => [member, question.text]));
