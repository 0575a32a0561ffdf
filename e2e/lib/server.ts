import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from '@playwright/test';

const target = process.env.CARGO_TARGET_DIR ?? resolve(import.meta.dirname, '../../target');
const binary = process.env.BRIDGEWATCH_TEST_BIN ?? join(target, 'debug/bridgewatch');

/** The text of a mail: what quoted-printable folded and escaped is put back. */
function unfolded(mail: string): string {
  return mail
    .replaceAll('\r\n', '\n')
    .replaceAll('=\n', '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The real binary on SQLite in a temporary folder, on a loopback port that the system chose. */
export class Server {
  private readonly child: ChildProcess;
  private readonly outbox: string;
  private output = '';
  private ended = false;
  url = '';

  private constructor(
    private readonly data: string,
    demo: boolean,
  ) {
    this.outbox = join(data, 'outbox');
    mkdirSync(this.outbox);
    const args = ['serve', '--data', data, '--listen', '127.0.0.1:0', ...(demo ? ['--demo'] : [])];
    this.child = spawn(binary, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Settings of the person who runs the tests are not ours.
      env: {
        PATH: process.env.PATH ?? '',
        BRIDGEWATCH_LOG__FORMAT: 'json',
        BRIDGEWATCH_ORGANISATION: 'Nordhaven',
        BRIDGEWATCH_MAIL_FOLDER: this.outbox,
      },
    });
    this.child.once('exit', () => {
      this.ended = true;
    });
    this.child.once('error', (error) => {
      this.ended = true;
      this.output += String(error);
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    process.once('exit', () => this.stop());
  }

  /** Starts it and waits until it is ready; with `demo` it first fills itself with the company of the prototypes. */
  static async start({ demo = false } = {}): Promise<Server> {
    const server = new Server(mkdtempSync(join(tmpdir(), 'bridgewatch-e2e-')), demo);
    server.url = `http://${await server.printed(/"address":"([^"]+)"/)}`;
    await expect(async () => {
      expect((await fetch(`${server.url}/readyz`)).ok).toBe(true);
    }).toPass({ timeout: 30_000 });
    return server;
  }

  /** What the server says once it says it: the first group of the pattern. */
  async printed(pattern: RegExp): Promise<string> {
    let found: string | undefined;
    await expect
      .poll(
        () => {
          if (this.ended) throw new Error(`the server ended:\n${this.output}`);
          found = pattern.exec(this.output)?.[1];
          return found !== undefined;
        },
        { message: `the server prints ${pattern}`, timeout: 60_000 },
      )
      .toBe(true);
    return found ?? '';
  }

  /** The first group of the pattern in any mail that was sent, once there is one. */
  async mailed(pattern: RegExp): Promise<string> {
    let found: string | undefined;
    await expect
      .poll(
        () => {
          const mails = readdirSync(this.outbox).filter((name) => name.endsWith('.eml'));
          const texts = mails.map((name) => unfolded(readFileSync(join(this.outbox, name), 'utf8')));
          found = texts.map((text) => pattern.exec(text)?.[1]).find((match) => match !== undefined);
          return found !== undefined;
        },
        { message: `a mail says ${pattern}`, timeout: 20_000 },
      )
      .toBe(true);
    return found ?? '';
  }

  /** Runs another command of the binary beside it and gives what it printed. */
  run(args: string[]): string {
    return execFileSync(binary, [...args, '--data', this.data], { encoding: 'utf8' }).trim();
  }

  /** The REST API in the name of a person. */
  api(email: string): Api {
    return new Api(this.url, this.run(['admin', 'token', 'create', '--user', email, '--name', 'browser tests']));
  }

  stop(): void {
    if (!this.ended) this.child.kill('SIGKILL');
    rmSync(this.data, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The REST API as one caller. */
export class Api {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  get<T>(path: string) {
    return this.call<T>('GET', path);
  }

  post<T>(path: string, body: unknown = {}) {
    return this.call<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown) {
    return this.call<T>('PUT', path, body);
  }
}
