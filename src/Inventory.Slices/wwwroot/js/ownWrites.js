// What was written in this tab and may not be in the lists yet.

const name = 'own-writes';
// As many as the service takes in one Read-After.
const mostProducts = 100;

const stored = () => new Map(JSON.parse(sessionStorage.getItem(name) ?? '[]'));
const store = (writes) => sessionStorage.setItem(name, JSON.stringify([...writes].slice(-mostProducts)));

export const ownWrites = {
  remember(product, version) {
    const writes = stored();
    const newest = Math.max(version, writes.get(product) ?? 0);
    writes.delete(product);
    store(writes.set(product, newest));
  },

  /** The value of a Read-After header; empty when there is nothing to wait for. */
  header: () => [...stored()].map(([product, version]) => `${product}@${version}`).join(', '),

  /** What a header named is in the list. What was written since then stays. */
  forget(header) {
    const writes = stored();
    for (const [product, version] of header.split(', ').map((write) => write.split('@'))) {
      if (writes.get(product) === Number(version)) {
        writes.delete(product);
      }
    }

    store(writes);
  },
};
