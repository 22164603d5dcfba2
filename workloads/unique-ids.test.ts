import { workloadConformance } from './conformance/conformance.ts';
import uniqueIds from './unique-ids.ts';

workloadConformance(uniqueIds, {
  reference: () => {
    let last = 0;
    return () => ++last;
  },
  mistakes: {
    'gives the same again': () => {
      let asked = 0;
      return () => (++asked % 500 === 0 ? asked - 100 : asked);
    },
  },
});
