import { powerFault } from './power-fault.ts';

/**
 * A file that was made, moved or removed is called so for good once its folder was synced, says POSIX, and not sooner; to sync the file
 * itself does not do. Who renames a new version over the old one and forgets the folder may find the old one after a
 * power failure, or neither. Most file systems of today are kinder: see labfs.
 */
export default powerFault(
  {
    name: 'lost-names',
    about: 'as power-failure, and files are called as before, whose folder was not synced',
  },
  (random) => ({ pages: 0, names: random.fraction() < 0.5 ? 0 : random.fraction() }),
);
