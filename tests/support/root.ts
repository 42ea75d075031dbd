// Tests that mount file systems need the rights to. They are not skipped without: a guarantee that was not tested must not look tested.

/** Fails, with the reason, for everybody but root. For `beforeAll`, or as first line of a test. */
export function requireRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('this test mounts file systems of its own: run the tests as root')
}
