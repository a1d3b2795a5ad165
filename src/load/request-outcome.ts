// How one request can end, in words, and which of these words an error code of the system means. Pure.
// Used by the connections, the tally and the reports.

import { describeNetworkError, isCertificateError } from "../base/system-error.ts";

export const FAILURE_REASONS = [
  "refused",
  "unreachable",
  "closed-early",
  "reset",
  "garbage",
  "timed-out",
  "wrong-length",
  "tls",
  "no-ports",
  "no-descriptors",
  "host-unknown",
  "source-unknown",
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

export interface Failure {
  readonly kind: "failed";
  readonly reason: FailureReason;
  /** One line for a person. */
  readonly detail: string;
}

export interface Answer {
  readonly kind: "answered";
  readonly status: number;
  readonly bodyBytes: number;
  /** From sending to the last byte of the answer, including the time to connect if that was needed. */
  readonly latencyMs: number;
  /** An incomplete answer is a failure. */
  readonly complete: true;
  readonly connectionReusable: boolean;
}

export type RequestOutcome =
  /** `retried`: sent a second time, because the server closed the kept connection before it answered. */
  | (Answer & { readonly retried: boolean })
  | (Failure & { readonly retried: boolean })
  /** The run was stopped before the answer came, which is neither a success nor a failure. */
  | { readonly kind: "abandoned" };

/** `source` is the local address that was asked for, if any. */
export function readSystemError(error: NodeJS.ErrnoException, source: string | undefined): Failure {
  const reason = readErrorCode(error.code ?? "", error.syscall ?? "");
  const remedy = isCertificateError(error) ? CERTIFICATE_REMEDY : REMEDIES[reason];
  const detail = describeError(error, reason, source);
  return { kind: "failed", reason, detail: remedy === undefined ? detail : `${detail}; ${remedy}` };
}

function describeError(
  error: NodeJS.ErrnoException,
  reason: FailureReason,
  source: string | undefined,
): string {
  if (reason === "source-unknown") return describeUnknownSource(source ?? "");
  const words = describeNetworkError(error);
  return reason === "tls" ? `no TLS: ${words}` : words;
}

/** The line for an address that this machine does not have. */
export function describeUnknownSource(source: string): string {
  return `cannot send from "${source}": it is not an address of this machine`;
}

const CERTIFICATE_REMEDY = "--insecure accepts any certificate";
const REMEDIES: Partial<Record<FailureReason, string>> = {
  "no-ports": "wait a minute, keep connections open, or add --source addresses",
  "no-descriptors": "use fewer connections, or raise `ulimit -n`",
};

/** Node's codes of a failed handshake, and OpenSSL's names of what is wrong with a certificate. */
const TLS_CODE =
  /^(EPROTO$|ERR_(TLS|SSL|OSSL)_|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE))/;

function readErrorCode(code: string, syscall: string): FailureReason {
  switch (code) {
    case "ECONNREFUSED":
      return "refused";
    case "ETIMEDOUT":
      return "timed-out";
    case "ECONNRESET":
    case "ECONNABORTED":
      return "reset";
    case "EPIPE":
      return "closed-early";
    case "EADDRNOTAVAIL":
      // From bind(2): the address is foreign. From connect(2): no port is left.
      return syscall === "bind" ? "source-unknown" : "no-ports";
    case "EADDRINUSE":
      // From bind(2) to port 0 of a source address that has no free port.
      return "no-ports";
    case "EMFILE":
    case "ENFILE":
      return "no-descriptors";
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "EAI_NODATA":
      return "host-unknown";
    default:
      return TLS_CODE.test(code) ? "tls" : "unreachable";
  }
}
