import { createHash } from 'node:crypto';
import type { Chore, Context, Node } from '../../harness/index.ts';
import { askOnce, askPlainly, encode } from './api.ts';

const LONG_MS = 8000;
/** How long another may take to say that it leads. */
const LEADS_MS = 3000;

/** What `etcdctl` does for those who run etcd. */
export const admin: Readonly<Record<string, Chore>> = {
  compact: {
    about: 'forget all but the latest revision of every key',
    async run(at, context) {
      const { header } = await askOnce<Answer>(at, context, 'kv/range', { key: encode('ready') });
      const revision = Number(header.revision);
      await askOnce(at, context, 'kv/compaction', { revision, physical: true }, LONG_MS);
      const before = { key: encode('ready'), revision: revision - 1, serializable: true };
      const gone = await askOnce(at, context, 'kv/range', before).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (gone?.includes('compacted') !== true)
        throw new Error(`revision ${revision - 1} can still be read: ${gone ?? 'it was answered'}`);
      return `${at.name} has forgotten revision ${revision - 1} and those before it`;
    },
  },
  defragment: {
    about: 'write a member’s database anew, without what is free in it; it answers nobody meanwhile',
    async run(at, context) {
      const before = await databaseOf(at, context);
      await askPlainly(at, 'maintenance/defragment', {}, context.signal);
      const after = await databaseOf(at, context);
      if (after.file === before.file)
        throw new Error(`${at.name} still has the file that it had: ${after.file}`);
      return `${at.name} has another database file: ${before.bytes} bytes before, ${after.bytes} now`;
    },
  },
  snapshot: {
    about: 'fetch a copy of a member’s database, as a backup does',
    async run(at, { signal }) {
      const pieces = (await askPlainly(at, 'maintenance/snapshot', {}, signal)).map(
        (line) => (JSON.parse(line) as { result?: { blob?: string } }).result?.blob ?? '',
      );
      const all = Buffer.concat(pieces.map((blob) => Buffer.from(blob, 'base64')));
      // The last 32 bytes are the sum of all before them.
      const [copy, sum] = [all.subarray(0, -32), all.subarray(-32)];
      if (!createHash('sha256').update(copy).digest().equals(sum))
        throw new Error(`the copy of ${at.name} is damaged: ${all.length} bytes`);
      return `${copy.length} bytes of ${at.name}, whose checksum is right`;
    },
  },
  'move-leader': {
    about: 'have the leader hand over to another member',
    atLeader: true,
    async run(at, context) {
      const { members } = await askOnce<{ members: readonly Listed[] }>(
        at,
        context,
        'cluster/member/list',
        {},
      );
      const { header, leader } = await statusOf(at, context);
      if (leader !== header.member_id) throw new Error(`${at.name} does not lead`);
      const heir = members.find(({ ID, isLearner }) => ID !== leader && isLearner !== true);
      if (heir === undefined) throw new Error('there is nobody to hand over to');
      await askPlainly(at, 'maintenance/transfer-leadership', { targetID: heir.ID }, context.signal);
      for (const end = context.time.now() + LEADS_MS * 1e6; ; await context.time.sleep(20, context.signal)) {
        const now = (await statusOf(at, context)).leader;
        if (now === heir.ID) return `${at.name} says that ${heir.name ?? heir.ID} leads`;
        if (context.time.now() >= end) throw new Error(`${at.name} says that ${now} leads, not ${heir.ID}`);
      }
    },
  },
};

interface Answer {
  readonly header: { readonly revision: string; readonly member_id: string };
}

interface Listed {
  readonly ID: string;
  readonly name?: string;
  readonly isLearner?: boolean;
}

interface Status extends Answer {
  readonly leader?: string;
  readonly dbSize?: string;
}

const statusOf = (at: Node, context: Context): Promise<Status> =>
  askOnce<Status>(at, context, 'maintenance/status', {});

/** Which file it is, as the file system says. A member that has joined again has more than one; its own is the last. */
async function databaseOf(
  at: Node,
  context: Context,
): Promise<{ readonly file: string; readonly bytes: string }> {
  if (at.exec === undefined) throw new Error(`nobody can look into the folder of ${at.name}`);
  const look = ['sh', '-c', 'stat -c "inode %i, %s bytes, %n" etcd*/member/snap/db'];
  const { stdout } = await at.exec(look, context.signal);
  return {
    file: stdout.replaceAll(/, \d+ bytes/g, '').trim(),
    bytes: (await statusOf(at, context)).dbSize ?? '?',
  };
}
