import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@tributary/testing';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Proxy } from './proxy.js';

let echo: Server;
let proxy: Proxy;
let open: Socket[];

beforeEach(async () => {
  open = [];
  echo = createServer((socket) => {
    open.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await Proxy.listen();
  proxy.lead((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  for (const socket of open) socket.destroy();
  await proxy.close();
  echo.close();
});

async function dial() {
  const socket = connect(proxy.port, '127.0.0.1');
  open.push(socket);
  const heard: string[] = [];
  const errors: unknown[] = [];
  socket.on('data', (data) => heard.push(data.toString()));
  socket.on('error', (error) => errors.push(error));
  await once(socket, 'connect').catch(() => undefined);
  return { socket, heard: () => heard.join(''), errors };
}

describe('Proxy', () => {
  it('passes both ways', async () => {
    const { socket, heard } = await dial();
    socket.write('hello');
    await eventually(() => heard() === 'hello');
  });

  it('cuts what is open and what is new, and lets in again', async () => {
    const before = await dial();
    before.socket.write('a');
    await eventually(() => before.heard() === 'a');
    proxy.become('reset');
    await eventually(() => before.socket.destroyed);
    const during = await dial();
    await eventually(() => during.socket.destroyed);
    proxy.become('pass');
    const after = await dial();
    after.socket.write('b');
    await eventually(() => after.heard() === 'b');
  });

  it('holds back what is sent into the hole, and tells nobody', async () => {
    const { socket, heard, errors } = await dial();
    const other = await dial();
    proxy.become('swallow');
    socket.write('a');
    // What comes by no hole proves that time enough has passed.
    const beside = connect((echo.address() as AddressInfo).port, '127.0.0.1');
    open.push(beside);
    beside.write('x');
    await once(beside, 'data');
    expect(heard()).toBe('');
    expect(errors).toEqual([]);
    proxy.become('pass');
    other.socket.write('b');
    await eventually(() => heard() === 'a' && other.heard() === 'b');
  });

  it('delays and keeps the order, when the delay ends too', async () => {
    const { socket, heard } = await dial();
    proxy.become({ delayMs: 50 });
    for (const letter of 'abc') socket.write(letter);
    await eventually(() => heard() === 'abc');
    socket.write('d');
    proxy.become('pass');
    for (const letter of 'ef') socket.write(letter);
    await eventually(() => heard() === 'abcdef');
  });
});
