// Bytes as letters in the one form that decodes and encodes to itself (docs/files.md, F8): under others the same bytes would have two names.

/** 32 bytes: a hash, or a key. The last letter holds four bits of them and two that are nought. */
export const hashForm = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
