import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'vite';

/** What the sources of the checkers say about the kinds of anomalies. */
export interface Kinds {
  /** Those that stand in them, with the folder that they stand in: `bank: wrong total`. */
  readonly kinds: readonly string[];
  /** Functions that hand on a parameter as a kind, with its place: `anomaly 0`. */
  readonly makers: readonly string[];
  /** Expressions that a kind is taken from and that cannot be followed, with their file. */
  readonly elsewhere: readonly string[];
}

/**
 * Reads them as a compiler would. A kind is what stands behind `kind` in an object that explains itself, or is given to a
 * function that puts its parameter there; which functions do is followed until no more are found, so that nobody has to
 * list them, and a new one cannot be forgotten.
 */
export function kindsInSources(folder: string): Kinds {
  const sources = globSync('**/*.ts', { cwd: folder })
    .filter((file) => file.includes('/') && !/test|^(generate|format|cli|pool|models|table)\//.test(file))
    .concat('anomaly.ts')
    .toSorted()
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }))
    .map(({ file, text }): Source => {
      const nodes = nodesOf(parseSync(file, text).program as unknown as Tree);
      return { file, text, nodes, imports: importsOf(file, nodes) };
    });
  const functions = sources.flatMap(({ file, nodes }) => nodes.flatMap((node) => functionOf(node, file)));
  const makers = makersAmong(sources, functions);
  const kinds = new Set<string>();
  const elsewhere = new Set<string>();
  for (const source of sources)
    for (const expression of source.nodes.flatMap((node) => kindsGiven(node, source, functions, makers))) {
      const { file, text } = source;
      const texts = textsOf(expression, source, functions);
      for (const kind of texts) kinds.add(`${file.split('/')[0]}: ${kind}`);
      const handedOn = makers.some(
        ({ func, place }) => func.file === file && func.names[place] === nameOf(expression),
      );
      if (texts.length === 0 && !handedOn)
        elsewhere.add(`${file}: ${text.slice(expression['start'] as number, expression['end'] as number)}`);
    }
  return {
    kinds: [...kinds].filter((kind) => !kind.startsWith('anomaly.ts')),
    makers: makers.map(({ func, place }) => `${func.name} ${place}`),
    elsewhere: [...elsewhere],
  };
}

interface Tree {
  readonly type: string;
  readonly [field: string]: unknown;
}

interface Func {
  readonly file: string;
  readonly name: string;
  readonly names: readonly string[];
  readonly body: Tree;
}

interface Source {
  readonly file: string;
  readonly text: string;
  readonly nodes: readonly Tree[];
  readonly imports: ReadonlyMap<string, string>;
}

interface Maker {
  readonly func: Func;
  readonly place: number;
}

function makersAmong(sources: readonly Source[], functions: readonly Func[]): readonly Maker[] {
  const of = new Map(sources.map((source) => [source.file, source]));
  const makers: Maker[] = [];
  for (let before = -1; before !== makers.length;) {
    before = makers.length;
    for (const func of functions)
      for (const given of nodesOf(func.body).flatMap((node) =>
        kindsGiven(node, of.get(func.file) as Source, functions, makers),
      )) {
        const place = given.type === 'Identifier' ? func.names.indexOf(nameOf(given)) : -1;
        const known = makers.some((maker) => maker.func === func && maker.place === place);
        if (place >= 0 && !known) makers.push({ func, place });
      }
  }
  return makers;
}

/** What is called by this call: a function of the same file, or one that it imports; a method only where it is its own. */
function called(call: Tree, { file, imports }: Source, functions: readonly Func[]): readonly Func[] {
  const callee = call['callee'] as Tree;
  const name = calleeOf(call);
  const here = functions.filter((func) => func.file === file && func.name === name);
  if (here.length > 0 || callee.type === 'MemberExpression') return here;
  const from = imports.get(name);
  return functions.filter((func) => func.file === from && func.name === name);
}

/** Names that a file imports, and the file that each is from. */
function importsOf(file: string, nodes: readonly Tree[]): ReadonlyMap<string, string> {
  return new Map(
    nodes
      .filter(({ type }) => type === 'ImportDeclaration')
      .flatMap((node) => {
        const { value } = node['source'] as unknown as { value: string };
        const from = join(dirname(file), value);
        return (node['specifiers'] as Tree[]).map((one) => [nameOf(one['local'] as Tree), from] as const);
      }),
  );
}

/** The expressions that this node makes kinds of. */
function kindsGiven(
  node: Tree,
  source: Source,
  functions: readonly Func[],
  makers: readonly Maker[],
): Tree[] {
  if (node.type === 'CallExpression') {
    const functionsCalled = called(node, source, functions);
    return makers
      .filter(({ func }) => functionsCalled.includes(func))
      .flatMap(({ place }) => (node['arguments'] as Tree[])[place] ?? []);
  }
  if (node.type !== 'ObjectExpression') return [];
  const fields = new Map(
    (node['properties'] as Tree[]).flatMap((property) => {
      const key = property['key'] as Tree | undefined;
      return key === undefined ? [] : [[nameOf(key), property['value'] as Tree] as const];
    }),
  );
  const kind = fields.get('kind');
  const explains = ['explanation', 'operations', 'transactions'].some((field) => fields.has(field));
  return kind !== undefined && explains ? [kind] : [];
}

function calleeOf(call: Tree): string {
  const callee = call['callee'] as Tree;
  const property = callee['property'] as Tree | undefined;
  if (callee.type !== 'MemberExpression') return nameOf(callee);
  return `${property?.type === 'PrivateIdentifier' ? '#' : ''}${nameOf(property as Tree)}`;
}

/** `function f(a, b)`, `f = (a, b) =>`, `#f(a, b)`. */
function functionOf(node: Tree, file: string): Func[] {
  const isMethod = node.type === 'MethodDefinition';
  const key = (node['id'] ?? node['key']) as Tree | undefined;
  const made = (node.type === 'FunctionDeclaration' ? node : (node['init'] ?? node['value'])) as
    | Tree
    | undefined;
  const isFunction = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'].includes(
    made?.type ?? '',
  );
  if (!isFunction || made === undefined || key?.['name'] === undefined) return [];
  const name = `${isMethod && key.type === 'PrivateIdentifier' ? '#' : ''}${nameOf(key)}`;
  const names = (made['params'] as Tree[]).map((parameter) => nameOf(parameter));
  const body = made['body'] as Tree | null;
  return body === null ? [] : [{ file, name, names, body }];
}

function nameOf(node: Tree): string {
  return typeof node['name'] === 'string' ? node['name'] : '';
}

/** The texts that an expression can be, `*` where they have a hole. */
function textsOf(node: Tree, source: Source, functions: readonly Func[]): string[] {
  switch (node.type) {
    case 'Literal':
      return typeof node['value'] === 'string' ? [node['value']] : [];
    case 'TemplateLiteral':
      return [(node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('*')];
    case 'ConditionalExpression':
      return [node['consequent'], node['alternate']].flatMap((way) =>
        textsOf(way as Tree, source, functions),
      );
    case 'CallExpression':
      return called(node, source, functions)
        .flatMap(({ body }) => returnsOf(body))
        .flatMap((returned) => textsOf(returned, source, functions));
    default:
      return [];
  }
}

function returnsOf(body: Tree): Tree[] {
  if (body.type !== 'BlockStatement') return [body];
  return nodesOf(body).flatMap((node) =>
    node.type === 'ReturnStatement' && node['argument'] !== null ? [node['argument'] as Tree] : [],
  );
}

function nodesOf(node: Tree): Tree[] {
  const children = Object.values(node)
    .flat()
    .filter((value): value is Tree => typeof (value as Tree | null)?.type === 'string');
  return [node, ...children.flatMap(nodesOf)];
}
