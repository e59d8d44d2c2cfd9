// RFC 3161 tokens in plain Node: reads the few parts of DER that matter, checks imprint, digests and signature, and who vouches for the signer.
import { createHash, verify, X509Certificate } from 'node:crypto';

const fail = (what) => { throw new Error(what); };
const HASHES = { '608648016503040201': 'sha256', '608648016503040202': 'sha384', '608648016503040203': 'sha512' };
const SIGNED_DATA = '2a864886f70d010702', TST_INFO = '2a864886f70d0109100104', MESSAGE_DIGEST = '2a864886f70d010904', CONTENT_TYPE = '2a864886f70d010903';

// One value of DER: its tag, content, whole bytes, and the values within.
function read(bytes) {
  const long = bytes[1] & 0x80 ? bytes[1] & 0x7f : 0, from = 2 + long;
  const length = long === 0 ? bytes[1] : long <= 4 ? bytes.readUIntBE(2, long) : fail('a length is too long');
  if (!(from + length <= bytes.length)) fail('DER is cut short');
  const value = { tag: bytes[0], content: bytes.subarray(from, from + length), whole: bytes.subarray(0, from + length) };
  return Object.defineProperty(value, 'parts', { get: () => list(value.content) });
}
function list(bytes) {
  const values = [];
  for (let rest = bytes; rest.length > 0;) { values.push(read(rest)); rest = rest.subarray(values.at(-1).whole.length); }
  return values;
}
const oid = (value) => value.tag === 6 ? value.content.toString('hex') : fail('an object identifier is missing');
const hash = (algorithm, bytes) => createHash(HASHES[oid(algorithm.parts[0])] ?? fail('a hash is not known')).update(bytes).digest();

// The time a token gives for some bytes, and the names of the policy's authorities ({name, hash}) behind it.
export function timeOf(token, stamped, authorities) {
  const outer = read(token);
  if (outer.tag !== 0x30 || outer.whole.length !== token.length || oid(outer.parts[0]) !== SIGNED_DATA) fail('not a signed token');
  const [, , encapsulated, ...more] = outer.parts[1].parts[0].parts;
  const info = encapsulated.parts[1].parts[0].content, [, , imprint, , at] = read(info).parts;
  if (oid(encapsulated.parts[0]) !== TST_INFO || !hash(imprint.parts[0], stamped).equals(imprint.parts[1].content)) fail('a timestamp is not for the checkpoint beside it');
  const signers = more.at(-1).parts;
  if (signers.length !== 1) fail('a timestamp has one signer');
  const [, , digestAlgorithm, attributes, , signature] = signers[0].parts, digest = HASHES[oid(digestAlgorithm.parts[0])];
  if (attributes.tag !== 0xa0) fail('a timestamp has no signed attributes');
  const attribute = (name) => attributes.parts.find((part) => oid(part.parts[0]) === name)?.parts[1].parts[0] ?? fail('a signed attribute is missing');
  if (oid(attribute(CONTENT_TYPE)) !== TST_INFO || !attribute(MESSAGE_DIGEST).content.equals(hash(digestAlgorithm, info))) fail('a timestamp signs another content');
  const signed = Buffer.from(attributes.whole);
  signed[0] = 0x31; // signed as the SET it is
  const time = new Date(at.content.toString('latin1').replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d+)?Z$/, '$1-$2-$3T$4:$5:$6$7Z'));
  if (Number.isNaN(time.getTime())) fail('a timestamp has no time');
  const holds = (c) => time >= new Date(c.validFrom) && time <= new Date(c.validTo);
  const certificates = (more.find((part) => part.tag === 0xa0)?.parts ?? []).map((part) => new X509Certificate(part.whole)).filter(holds);
  const signer = certificates.find((c) => c.keyUsage?.length === 1 && isFor(c) && verify(digest, signed, c.publicKey, signature.content)) ?? fail('the signature of a timestamp is false');
  const chain = [signer];
  for (let next; chain.length < 10 && (next = certificates.find((c) => !chain.includes(c) && c.ca && chain.at(-1).checkIssued(c) && chain.at(-1).verify(c.publicKey)));) chain.push(next);
  const hashes = chain.map((c) => c.fingerprint256.replaceAll(':', '').toLowerCase());
  return { time, by: authorities.filter((authority) => hashes.includes(authority.hash)).map((authority) => authority.name) };
}
const isFor = (certificate) => certificate.keyUsage.some((use) => use === '1.3.6.1.5.5.7.3.8');
