// noVNC's own RSA-AES code over a plain socket: node novnc_ra2.mjs PORT USER PASSWORD. Lies beside a copy of its core/.
globalThis.window = globalThis; globalThis.document = { createElement: () => ({}) , addEventListener() {} };
import net from 'node:net';
const RSAAES = (await import('./core/ra2.js')).default;
const [port, username, password] = process.argv.slice(2);
let buf = Buffer.alloc(0), out = [];
const c = net.connect(+port, '127.0.0.1');
const sock = {
  rQwait: (_, n) => buf.length < n,
  rQpeekBytes: n => new Uint8Array(buf.subarray(0, n)),
  rQshiftBytes: n => { const b = new Uint8Array(buf.subarray(0, n)); buf = buf.subarray(n); return b; },
  rQshift8: () => sock.rQshiftBytes(1)[0],
  rQshift16: () => { const b = sock.rQshiftBytes(2); return b[0] << 8 | b[1]; },
  rQshift32: () => { const b = sock.rQshiftBytes(4); return (b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]) >>> 0; },
  sQpushBytes: b => out.push(Buffer.from(b)), flush: () => { c.write(Buffer.concat(out)); out = []; },
};
let ra2, waiter;
c.on('data', d => { buf = Buffer.concat([buf, d]); ra2?.checkInternalEvents(); waiter?.(); });
const need = async n => { while (buf.length < n) await new Promise(r => { waiter = r; }); return Buffer.from(sock.rQshiftBytes(n)); };
console.log('version', (await need(12)).toString().trim()); c.write('RFB 003.008\n');
const n = (await need(1))[0]; console.log('types', [...await need(n)]); c.write(Buffer.from([6]));
ra2 = new RSAAES(sock, () => ({ username, password }));
ra2.addEventListener('serververification', e => { console.log('server key', e.detail.publickey.length); ra2.approveServer(); });
ra2.addEventListener('credentialsrequired', e => { console.log('wants', e.detail.types); });
await ra2.negotiateRA2neAuthAsync();
const r = (await need(4)).readUInt32BE(); console.log('result', r);
if (r) { const l = (await need(4)).readUInt32BE(); console.log((await need(l)).toString()); }
else { c.write(Buffer.from([1])); const i = await need(24); console.log('size', i.readUInt16BE(0), i.readUInt16BE(2)); }
process.exit(0);
