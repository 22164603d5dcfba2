import { registerHooks } from 'node:module';

let hooked = false;

/** Lets a user's own file, wherever it is, import `labrys` and `knossos-js` from this installation. */
export function resolveOwnPackages(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      /^(labrys|knossos-js)(\/|$)/.test(specifier)
        ? next(specifier, { ...context, parentURL: import.meta.url })
        : next(specifier, context),
  });
}
