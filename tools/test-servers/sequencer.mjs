import Sequencer from '@jest/test-sequencer';

/** In the paths of specs that take minutes, the longest first. */
const FIRST = ['/crash-test.spec', '/tools/verify/', '/tests/e2e/', '/tools/embedded-kafka/', '/tests/sdk/'];

/** Long specs begin first, so that none of them is the last, and alone. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rankOf = ({ path }) => {
      const at = FIRST.findIndex((part) => path.includes(part));
      return at < 0 ? FIRST.length : at;
    };
    return super.sort(tests).sort((a, b) => rankOf(a) - rankOf(b));
  }
}
