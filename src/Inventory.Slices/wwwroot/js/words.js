// Numbers and times in words.

const numbers = new Intl.NumberFormat('en');
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const clock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const hour = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
const days = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });

export const units = (count) => numbers.format(count);

export const signed = (count) => (count < 0 ? '−' : '+') + numbers.format(Math.abs(count));

export const counted = (count, one, many) => `${numbers.format(count)} ${count === 1 ? one : many}`;

export const when = (time) => clock.format(new Date(time));

/** A moment to come: the time alone when it is today. */
export const until = (time) => (new Date(time).toDateString() === new Date().toDateString() ? hour : clock).format(new Date(time));

export const day = (date) => days.format(new Date(date));

const steps = [[60, 'second'], [60, 'minute'], [24, 'hour'], [30, 'day'], [12, 'month'], [Infinity, 'year']];

/** How far a time is from now: “2 minutes ago”, “in 3 days”. */
export function away(time, now = Date.now()) {
  let distance = (new Date(time) - now) / 1000;
  for (const [size, name] of steps) {
    if (Math.abs(distance) < size) {
      return Math.abs(distance) < 5 && name === 'second' ? 'just now' : relative.format(Math.round(distance), name);
    }

    distance /= size;
  }
}
