// The page: which screen an address shows.
import { showCatalogue } from './catalogue.js';
import { showProduct } from './product.js';
import { beginWho } from './who.js';
import { beginDoubts } from './doubts.js';

const main = document.getElementById('main');
let end = () => {};

function show() {
  end();
  const [path, query] = location.hash.slice(1).split('?');
  const [, product] = /^\/products\/(.+)$/.exec(path) ?? [];
  end = product === undefined ? showCatalogue(main, new URLSearchParams(query)) : showProduct(main, decodeURIComponent(product));
  scrollTo(0, 0);
}

beginWho();
beginDoubts();
addEventListener('hashchange', () => {
  show();
  // Who listens instead of looking is told that this is another screen.
  main.focus({ preventScroll: true });
});
show();
