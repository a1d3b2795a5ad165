// Failures of the world outside the program: the error that a person reads, and the system's error codes in
// words. Any part may throw it; src/cli/main.ts prints an OperationError after `weir: ` and exits 1. A code
// that is not known here is shown as it is.

/** `message` is the whole line that a person reads: the act, the value in quotes, what to do. */
export class OperationError extends Error {
  override readonly name = "OperationError";
}

/** As Node throws them; `reason` is OpenSSL's own text. */
export interface SystemError extends Error {
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
  readonly hostname?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  readonly reason?: string | undefined;
  /** One error for each address, where a host has several. */
  readonly errors?: readonly SystemError[];
}

/** open(2), write(2), rename(2), mkdir(2). */
const FILE_WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "a part of the path is a file and not a folder",
  EISDIR: "it is a folder",
  EEXIST: "something of that name is already there",
  ENOTEMPTY: "a folder of that name is already there",
  EACCES: "this user has no permission",
  EPERM: "this user has no permission",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "this user's share of the disk is used up",
  EFBIG: "the file would be larger than the system allows",
  EMFILE: "this process has too many open files",
  ENFILE: "the system has too many open files",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its symbolic links lead in a circle",
  EBUSY: "something else is using it",
  ETXTBSY: "it is a program that is running",
  EIO: "the disk failed",
  EPIPE: "its reader has gone",
  EINVAL: "the system does not allow that here",
};

/** connect(2), read(2), getaddrinfo(3); each completes a sentence that names the server before it. */
const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNRESET: "the server reset the connection",
  ECONNABORTED: "the connection was aborted",
  EPIPE: "the server closed the connection",
  ETIMEDOUT: "the server does not answer",
  EHOSTUNREACH: "no way leads to the server",
  ENETUNREACH: "no way leads to the server",
  EHOSTDOWN: "the server is down",
  ENETDOWN: "the network is down",
  EACCES: "the system does not allow the connection",
  EPERM: "the system does not allow the connection",
  EAFNOSUPPORT: "this machine does not speak the address's protocol",
  EINVAL: "the system takes no such address",
  EADDRNOTAVAIL: "no local port is free",
  EADDRINUSE: "no local port is free",
  EMFILE: "this process has too many open files",
  ENFILE: "the system has too many open files",
};

/** Codes of OpenSSL and Node for certificates that are not trusted. */
const CERTIFICATE_WORDS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is signed by itself",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is signed by an authority that is not known",
  UNABLE_TO_GET_ISSUER_CERT: "the server's certificate is signed by an authority that is not known",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    "the server's certificate is signed by an authority that is not known",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server's certificate is signed by an authority that is not known",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
  CERT_REVOKED: "the server's certificate was revoked",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name",
  HOSTNAME_MISMATCH: "the server's certificate is for another name",
};

/** Why a file could not be read or written, as a fragment: `there is no such file or folder`. */
export function describeFileError(error: unknown): string {
  const { code = "" } = error as SystemError;
  return FILE_WORDS[code] ?? describeOther(error as SystemError);
}

/** Why a server gave no answer, as a fragment: `nothing listens on 127.0.0.1:9`. */
export function describeNetworkError(error: unknown): string {
  const { code = "", errors, address, port, hostname } = error as SystemError;
  // Where a name has several addresses, the reason is nearly always the same for all of them.
  if (errors !== undefined && errors.length > 0) return describeAll(errors);
  const place = address === undefined ? "there" : `on ${formatPlace(address, port)}`;
  if (code === "ECONNREFUSED") return `nothing listens ${place}`;
  if (["ENOTFOUND", "EAI_NODATA", "EAI_NONAME"].includes(code)) {
    return `the host name ${JSON.stringify(hostname ?? "")} is not known`;
  }
  if (["EAI_AGAIN", "EAI_FAIL"].includes(code)) {
    return `the host name ${JSON.stringify(hostname ?? "")} cannot be looked up: the name server does not answer`;
  }
  return NETWORK_WORDS[code] ?? CERTIFICATE_WORDS[code] ?? describeOther(error as SystemError);
}

/** Whether the server's certificate is at fault, which a person can do something about. */
export function isCertificateError(error: unknown): boolean {
  return ((error as SystemError).code ?? "") in CERTIFICATE_WORDS;
}

/** Whether no authority that this machine trusts has signed the certificate: another one may help. */
export function isUnknownAuthority(error: unknown): boolean {
  return /SELF_SIGNED|ISSUER|LEAF_SIGNATURE/.test((error as SystemError).code ?? "");
}

function describeAll(errors: readonly SystemError[]): string {
  if (errors.every(({ code }) => code === "ECONNREFUSED")) {
    const places = errors.map(({ address = "", port }) => formatPlace(address, port));
    return `nothing listens on ${[...new Set(places)].join(" or ")}`;
  }
  return [...new Set(errors.map(describeNetworkError))].join("; ");
}

function formatPlace(address: string, port: number | undefined): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return port === undefined ? host : `${host}:${port}`;
}

/** The first line of the error's text, without the parts for programmers. */
function describeOther({ code = "", message, reason }: SystemError): string {
  if (code.startsWith("HPE_")) return "the answer is not HTTP";
  const text = reason ?? message;
  // OpenSSL's lines contain addresses in memory: `80EB:error:0A00010B:SSL routines::wrong version…`.
  const [first = ""] = text.split(/[;\n]/, 1);
  const plain = first.replace(/^(?:[0-9A-F]+:)?error:[0-9A-F]+:[^:]*:[^:]*:/i, "").trim();
  const isNoTls = /wrong version number|packet length too long|http request/.test(plain);
  if (isNoTls) return "the server does not speak TLS on this port";
  // "ENOSYS: function not implemented, open 'x'" and "read EPROTO" begin with the code itself.
  const words = /^E[A-Z0-9]+: ([^,]+)/.exec(plain)?.[1] ?? plain;
  return words === "" ? `the system says ${code || "nothing"}` : words;
}
