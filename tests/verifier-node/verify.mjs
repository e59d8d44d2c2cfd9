// Checks a proof bundle (*.llproof) against a trust policy: a second implementation beside ledger-verify, in plain Node without packages.
//   node verify.mjs BUNDLE POLICY      exit 0: proven, 1: failed, 2: valid, but quorum, completeness or some content is not shown
//   node verify.mjs --many             reads lines {"policy": text}, {"file": base64} or {"at": n, "byte": b} (that file, one byte changed); writes an exit code for each file
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { linked, merge, transcript } from './fold.mjs';
import { timeOf } from './timestamp.mjs';

const fail = (what) => { throw new Error(what); };
const need = (holds, what) => holds || fail(what);
const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();
const hashLeaf = (bytes) => sha256(Buffer.of(0), bytes);
const hashNode = (left, right) => sha256(Buffer.of(1), left, right);

// RFC 8785: ECMAScript's own printing of numbers and strings, members in the order of UTF-16 code units.
const jcs = (value) =>
  Array.isArray(value) ? `[${value.map(jcs).join(',')}]`
  : value !== null && typeof value === 'object' ? `{${Object.keys(value).sort().map((k) => `${JSON.stringify(k)}:${jcs(value[k])}`).join(',')}}`
  : JSON.stringify(value);
const same = (a, b) => jcs(a) === jcs(b);
const members = (object, names, what) => need(object && typeof object === 'object' && same(Object.keys(object).sort(), names.split(' ').sort()), `${what} has not the members ${names}`);
const base64 = (text, length, what) => {
  const bytes = Buffer.from(text, 'base64');
  need(typeof text === 'string' && bytes.toString('base64') === text && (length === undefined || bytes.length === length), `${what} is not ${length ?? ''} bytes in base64`);
  return bytes;
};
const number = (text) => need(/^(0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text)), `"${text}" is not a number`) && Number(text);

// RFC 9162, 2.1.3.2.
function rootOf(leaf, index, size, path) {
  need(Number.isSafeInteger(index) && index >= 0 && index < size, 'an index lies outside the tree');
  let [fn, sn, hash] = [BigInt(index), BigInt(size - 1), leaf];
  for (const text of path) {
    const sibling = base64(text, 32, 'a hash');
    need(sn !== 0n, 'a path is too long');
    if ((fn & 1n) === 1n || fn === sn) {
      hash = hashNode(sibling, hash);
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      hash = hashNode(hash, sibling);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  need(sn === 0n, 'a path is too short');
  return hash;
}

// C2SP signed-note, tlog-cosignature v1, tlog-policy.
const SMALL_ORDER = ['00', '01', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  ...['ec', 'ed', 'ee'].map((low) => low + 'ff'.repeat(30) + '7f')].map((hex) => hex.padEnd(64, '0'));
function parseKey(text) {
  const [, name, id, rest] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? fail(`"${text}" is not a key`);
  const bytes = base64(rest, 33, 'a key'), type = bytes[0], y = Buffer.from(bytes.subarray(1));
  y[31] &= 0x7f;
  need(!SMALL_ORDER.includes(y.toString('hex')) && Buffer.from(y).reverse().compare(Buffer.from('7f' + 'ff'.repeat(30) + 'ed', 'hex')) < 0, `anybody can sign for the key of ${name}`);
  need(sha256(Buffer.from(`${name}\n`), bytes).subarray(0, 4).toString('hex') === id, `the id of ${name} is not its own`);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: bytes.subarray(1).toString('base64url') }, format: 'jwk' });
  return { name, id, type, key, raw: bytes.subarray(1).toString('hex') };
}
export function parsePolicy(text) {
  const policy = { logs: [], witnesses: new Map(), groups: new Map(), quorum: undefined, authorities: [] };
  const known = (name) => policy.witnesses.has(name) || policy.groups.has(name);
  for (const line of text.split('\n')) {
    const [word, ...rest] = line.split(/[ \t]+/).filter(Boolean);
    if (word === '#tsa') policy.authorities.push(rest.length === 2 && /^[0-9a-fA-F]{64}$/.test(rest[1]) ? { name: rest[0], hash: rest[1].toLowerCase() } : fail('#tsa takes a name and a hash'));
    if (word === undefined || word.startsWith('#')) continue;
    if (word === 'log' && rest.length >= 1) policy.logs.push(parseKey(rest[0]));
    else if (word === 'witness' && rest.length >= 2 && !known(rest[0])) policy.witnesses.set(rest[0], parseKey(rest[1]));
    else if (word === 'group' && rest.length >= 3 && !known(rest[0]) && rest.slice(2).every(known)) {
      const of = rest.slice(2), least = rest[1] === 'all' ? of.length : rest[1] === 'any' ? 1 : number(rest[1]);
      policy.groups.set(rest[0], { least: need(least >= 1 && least <= of.length, 'a group asks for what it cannot have') && least, of });
    } else if (word === 'quorum' && rest.length === 1 && policy.quorum === undefined && (rest[0] === 'none' || known(rest[0]))) policy.quorum = rest[0];
    else fail(`"${line}" is not a line of a policy`);
  }
  need(policy.quorum !== undefined && policy.logs.every((k) => k.type === 1) && [...policy.witnesses.values()].every((k) => k.type === 4), 'the policy is not one');
  return policy;
}
function signatures(note, key) {
  const end = note.lastIndexOf('\n\n'), text = note.slice(0, end + 1);
  need(end > 0 && note.endsWith('\n') && !/[\0-\x09\x0b-\x1f]/.test(note), 'the checkpoint is not a signed note');
  return note.slice(end + 2, -1).split('\n').map((line) => /^\u2014 ([^\s+]+) (\S+)$/.exec(line) ?? fail('a signature line is none')).filter(([, name, sig]) =>
    name === key.name && Buffer.from(sig, 'base64').subarray(0, 4).toString('hex') === key.id).map(([, , sig]) => {
    const bytes = base64(sig, key.type === 1 ? 68 : 76, 'a signature'), time = key.type === 4 ? bytes.readBigUInt64BE(4) : null;
    const message = time === null ? text : `cosignature/v1\ntime ${time}\n${text}`;
    return need(verifySignature(null, Buffer.from(message), key.key, bytes.subarray(-64)), `the signature of ${key.name} is false`);
  }).length > 0;
}
function trust(note, policy, gaps) {
  const [origin, size, root, ...more] = note.slice(0, note.lastIndexOf('\n\n')).split('\n');
  need(origin && more.every((line) => line.length > 0), 'the checkpoint is not one');
  const logs = policy.logs.filter((key) => key.name === origin);
  need(logs.map((key) => signatures(note, key)).some(Boolean), `no log of the policy signed the checkpoint of ${origin}`);
  const cosigned = new Set([...policy.witnesses].filter(([, key]) => signatures(note, key)).map(([name]) => name));
  const met = (name) => policy.groups.has(name) ? policy.groups.get(name).of.filter(met).length >= policy.groups.get(name).least : cosigned.has(name);
  if (policy.quorum !== 'none' && !met(policy.quorum)) gaps.push('too few witnesses cosigned');
  return { origin, size: number(size), root: base64(root, 32, 'the root') };
}

// RFC 9162, 2.1.4.2.
function continues(size1, size2, root1, root2, proof) {
  need(size1 > 0 && size1 <= size2, 'sizes of a consistency proof');
  if (size1 === size2) return proof.length === 0 && root1.equals(root2);
  let [fn, sn, ...path] = [BigInt(size1 - 1), BigInt(size2 - 1), ...proof.map((text) => base64(text, 32, 'a hash'))];
  while ((fn & 1n) === 1n) [fn, sn] = [fn >> 1n, sn >> 1n];
  if (fn === 0n) path.unshift(root1);
  if (path.length === 0) return false;
  let [fr, sr] = [path[0], path[0]];
  for (const c of path.slice(1)) {
    if (sn === 0n) return false;
    if ((fn & 1n) === 1n || fn === sn) {
      [fr, sr] = [hashNode(c, fr), hashNode(c, sr)];
      while ((fn & 1n) === 0n && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else {
      sr = hashNode(sr, c);
    }
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n && fr.equals(root1) && sr.equals(root2);
}
// When the log held what the bundle shows, on the word of an authority of the policy.
function checkTimestamps(bundle, entries, head, policy) {
  need(bundle.timestamps === undefined || bundle.timestamps.length > 0, 'no timestamps are left out, not empty');
  return (bundle.timestamps ?? []).flatMap((stamp) => {
    members(stamp, 'checkpoint proof token', 'a timestamp');
    const stamped = trust(stamp.checkpoint, policy, []);
    need(stamped.origin === head.origin && continues(stamped.size, head.size, stamped.root, head.root, stamp.proof), 'a timestamp is for a checkpoint that the bundle\'s does not continue');
    const { time, by } = timeOf(base64(stamp.token, undefined, 'a token'), Buffer.from(stamp.checkpoint), policy.authorities);
    return by.map((name) => `${name} stamped the log at ${time.toISOString()}: ${entries.filter((e) => e.index < stamped.size).length} of the ${entries.length} events were in it by then.`);
  });
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
function included(leaf, index, path, head) {
  need(rootOf(hashLeaf(Buffer.from(jcs(leaf))), index, head.size, path).equals(head.root), `leaf ${index} is not in the log`);
  need(leaf.v === 1 && TIME.test(leaf.at), `leaf ${index} is of another version`);
}
function proven(entry, head) {
  members(entry, 'index leaf path payload salt', 'an entry');
  const { index, leaf, path, payload, salt } = entry;
  members(leaf, 'at c enc id k n s t type v', 'the leaf of an event');
  included(leaf, index, path, head);
  need(['event', 'erasure'].includes(leaf.k) && ['jcs', 'pg-text'].includes(leaf.enc), `leaf ${index} is not an event`);
  need((payload === null) === (salt === null), `entry ${index} has content without salt, or salt without content`);
  const read = { entry, leaf, shown: payload !== null };
  if (!read.shown) return read;
  members(payload, 'causation correlation data headers user', 'the content of an event');
  const commitment = sha256(Buffer.from('ll-commit-v1\0'), base64(salt, 32, 'a salt'), Buffer.from(jcs(payload)));
  need(commitment.toString('base64') === leaf.c, `the content of entry ${index} is not what its leaf commits to`);
  const [data, headers] = leaf.enc === 'jcs' ? [payload.data, payload.headers] : [JSON.parse(payload.data), JSON.parse(payload.headers)];
  need(leaf.type !== 'learner.registered' || leaf.k !== 'event' || data.learner === leaf.s, 'the stream begins with another learner');
  if (leaf.k === 'event') read.event = { id: leaf.id, stream: leaf.s, type: leaf.type, version: leaf.n, recorded: leaf.at, occurred: headers.occurred, actor: headers.actor, source: headers.source, data };
  return read;
}

function checkStream({ learner, heads }, asOf, all, head, gaps) {
  all.forEach(({ leaf, entry }, i) => need(leaf.s === learner && leaf.n === i + 1 && leaf.t === all[0].leaf.t && (i === 0 || entry.index > all[i - 1].entry.index), `entry ${entry.index} is not the next event of the stream`));
  need(all.length > 0, 'there are no entries');
  if (asOf !== null) {
    members(asOf, 'recorded version', 'asOf');
    need((asOf.recorded === null) !== (asOf.version === null) && (asOf.recorded === null ? Number.isSafeInteger(asOf.version) : TIME.test(asOf.recorded)), 'asOf is not a time or a version');
  }
  const takes = (leaf) => asOf === null || (asOf.recorded !== null ? leaf.at <= asOf.recorded : leaf.n <= asOf.version);
  const first = all.findIndex(({ leaf }) => !takes(leaf)), taken = first < 0 ? all : all.slice(0, first);
  const isErased = all.at(-1).leaf.k === 'erasure';
  need(asOf?.version == null || (asOf.version === taken.length && (taken.length === all.length || isErased)), 'entries and version differ');
  need((all.length <= taken.length + 1 || isErased) && !all.slice(taken.length).some((e) => e.shown), 'there is more than belongs to the moment');
  if (heads === null) {
    gaps.push('no heads: the stream may have later events');
    return taken;
  }

  members(heads, 'bucket index leaf path proof', 'heads');
  members(heads.leaf, 'at k n root streams t v', 'the heads leaf');
  included(heads.leaf, heads.index, heads.path, head);
  const key = sha256(Buffer.from(learner.replaceAll('-', ''), 'hex')), bucket = key.readUInt16BE(0), content = base64(heads.bucket, undefined, 'the bucket');
  need(heads.leaf.k === 'heads' && heads.leaf.t === all[0].leaf.t && heads.leaf.n <= heads.index, 'the heads are another log\'s');
  need(heads.proof.length === 16 && rootOf(hashLeaf(content), bucket, 65536, heads.proof).toString('base64') === heads.leaf.root, 'the bucket is not in the tree of heads');
  need(content.length % 48 === 0, 'the bucket is cut short');
  let end = { version: 0, index: -1 };
  for (let i = 0; i < content.length; i += 48) {
    need(content.readUInt16BE(i) === bucket && (i === 0 || content.compare(content, i - 48, i - 16, i, i + 32) > 0), 'the bucket is not in order');
    if (content.subarray(i, i + 32).equals(key)) end = { version: Number(content.readBigUInt64BE(i + 32)), index: Number(content.readBigUInt64BE(i + 40)) };
  }

  all.forEach(({ leaf, entry }) => need((leaf.n <= end.version) === (entry.index < heads.leaf.n) && (leaf.n !== end.version || entry.index === end.index), `entry ${entry.index} does not fit the heads`));
  need(asOf !== null || end.version <= all.length, `the bundle hides events: the stream had ${end.version}`);
  if (asOf !== null && asOf.recorded !== null && taken.length === all.length) {
    need(end.version <= taken.length, 'that the next event came later is not shown');
    if (heads.leaf.at < asOf.recorded) gaps.push('the heads were made before the moment asked for');
  }
  return taken;
}

function expectedLines(learner, taken) {
  const places = new Map(taken.map(({ leaf, entry }) => [leaf.id, entry.index]));
  const named = (value) => value === null || typeof value !== 'object' ? [] : [places.get(value.eventId), ...Object.values(value).flatMap(named)];
  const line = (kind) => (content) => ({ entries: [...new Set(named(content).filter((i) => i !== undefined))].sort((a, b) => a - b), kind, line: content });
  const { milestones, skills } = transcript(learner, taken.flatMap((e) => e.event ?? []));
  const hidden = taken.filter((e) => !e.shown).map(({ leaf }) => ({ eventId: leaf.id, type: leaf.type, version: leaf.n, recorded: leaf.at }));
  return [...milestones.map(line('milestone')), ...skills.map(line('skill')), ...hidden.map(line('event'))];
}

// Throws with the reason where something is false; otherwise returns what is not shown.
export function check(file, policy) {
  const text = file.toString('utf8'), shape = /^\{"bundle":(.*),"digest":"([0-9a-f]{64})"\}$/s.exec(text) ?? fail('not a proof bundle');
  need(Buffer.from(text, 'utf8').equals(file) && sha256(Buffer.from(shape[1])).toString('hex') === shape[2], 'damaged: the digest is another');
  const bundle = JSON.parse(shape[1]), gaps = [];
  need(jcs(bundle) === shape[1], 'not in canonical form');
  const several = bundle.linked !== undefined;
  members(bundle, `asOf checkpoint entries format heads learner lines projection${several ? ' linked' : ''}${bundle.timestamps === undefined ? '' : ' timestamps'}`, 'the bundle');
  need(bundle.format === `learningledger-proof/${several ? 2 : 1}` && same(bundle.projection, { name: 'transcript', version: 1 }), 'another format or projection');
  const streams = [bundle, ...(several ? bundle.linked : [])], head = trust(bundle.checkpoint, policy, gaps);
  if (several) {
    bundle.linked.forEach((stream) => members(stream, 'entries heads learner', 'a linked stream'));
    need(bundle.linked.length > 0 && bundle.asOf?.version == null, 'linked streams have another form');
  }
  const proofs = streams.map((stream) => stream.entries.map((entry) => proven(entry, head)));
  const times = checkTimestamps(bundle, streams.flatMap((stream) => stream.entries), head, policy);
  const parts = streams.map((stream, i) => checkStream(stream, bundle.asOf, proofs[i], head, gaps)), taken = merge(parts);
  need(same(linked(parts[0].flatMap((e) => e.event ?? [])), streams.slice(1).map((stream) => stream.learner)), 'other streams are linked than the bundle has');
  need(same(bundle.lines, expectedLines(bundle.learner, taken)), 'the lines are not those that follow from the events');
  const erased = new Map(proofs.map((all) => [all[0].leaf.s, Math.max(0, ...all.filter(({ leaf }) => leaf.k === 'erasure').map(({ leaf }) => leaf.n))]));
  const hidden = taken.filter((e) => !e.shown);
  if (hidden.some((e) => e.leaf.n >= erased.get(e.leaf.s)) || (hidden.length > 0 && bundle.lines.some((line) => line.kind !== 'event'))) gaps.push('some content is not shown');
  return { gaps, head, bundle, times };
}
const exitCode = (file, policy) => { try { return check(file, policy).gaps.length > 0 ? 2 : 0; } catch { return 1; } };

if (process.argv[2] === '--many') {
  let policy, file;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.policy !== undefined) { policy = parsePolicy(message.policy); continue; }
    if (message.file !== undefined) file = Buffer.from(message.file, 'base64');
    const changed = message.at === undefined ? file : Buffer.from(file);
    if (message.at !== undefined) changed[message.at] = message.byte;
    console.log(exitCode(changed, policy));
  }
} else if (process.argv.length === 4) {
  try {
    const { gaps, head, bundle, times } = check(readFileSync(process.argv[2]), parsePolicy(readFileSync(process.argv[3], 'utf8')));
    console.log(`${bundle.lines.length} lines of learner ${bundle.learner} follow from ${bundle.entries.length} events in ${head.origin} at ${head.size} leaves.`);
    if (bundle.heads !== null) console.log(`Nothing is left out up to ${bundle.heads.leaf.at}; what came later may be.`);
    times.forEach((time) => console.log(time));
    gaps.forEach((gap) => console.log(`NOT SHOWN: ${gap}`));
    process.exitCode = gaps.length > 0 ? 2 : 0;
  } catch (error) {
    console.log(`FAILED: ${error.message}`);
    process.exitCode = 1;
  }
} else {
  console.log('usage: node verify.mjs BUNDLE POLICY');
  process.exitCode = 64;
}
