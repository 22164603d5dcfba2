import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Where a shell would find this command, or `undefined`. A name with a slash is a path, from the current folder. */
export function commandPath(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  const places = name.includes('/')
    ? [resolve(name)]
    : path.split(delimiter).map((folder) => join(folder, name));
  return places.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
