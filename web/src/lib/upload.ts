/** Files go as multipart with XMLHttpRequest: `fetch` does not tell how much was sent. */
import { BASE, refusal, requestHeaders, unreachable } from './api.ts';

interface UploadOptions {
  /** Parts beside the file. */
  parts?: Record<string, string>;
  /** The same for each attempt at one file, so that a repeated one is not stored twice. */
  idempotencyKey: string;
  /** From 0 to 1; at 1 the server still works on it. */
  onProgress: (part: number) => void;
  signal: AbortSignal;
}

/** Sends one file as the part `file`; rejects with an `ApiError`, or an `AbortError` after `signal`. */
export function upload<T>(path: string, file: File, options: UploadOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${BASE}${path}`);
    requestHeaders('POST', { idempotencyKey: options.idempotencyKey }).forEach((value, name) => {
      request.setRequestHeader(name, value);
    });
    request.upload.onprogress = ({ loaded, total }) => options.onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        resolve(JSON.parse(request.responseText) as T);
      } else {
        reject(refusal(path, request.status, request.responseText, (name) => request.getResponseHeader(name)));
      }
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('The upload was cancelled', 'AbortError'));
    options.signal.addEventListener('abort', () => request.abort());
    const form = new FormData();
    // Small parts first: the server knows what the file is for before it reads it.
    for (const [name, value] of Object.entries(options.parts ?? {})) form.append(name, value);
    form.append('file', file, file.name);
    request.send(form);
  });
}
