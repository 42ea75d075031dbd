// How a backup is opened with the standard programs of GNU/Linux alone: the commands of the recovery sheet and of the help. Pure.
// FOLDER_OF_THE_DRIVE and BACKUP are for the person to replace. A test runs the commands as they stand (tests/unit/recovery-sheet.test.ts).

/** Each with the sentence that says what it does (chapter `sheet`). `keyFile`: the private key's file beside the backups. */
export function commandsWithoutArche(folder: string, keyFile: string) {
  return [
    ['step.open', `cd "FOLDER_OF_THE_DRIVE/${folder}"`],
    ['step.check', 'sha256sum --ignore-missing -c SHA256SUMS'],
    ['step.import', `export GNUPGHOME="$(mktemp -d)"\ngpg --import "${keyFile}"`],
    [
      'step.restore',
      'mkdir -p "$HOME/restored"\nset -o pipefail\ngpg -d "BACKUP.tar.gz.gpg" | tar xzp -C "$HOME/restored" && echo OK\n# BACKUP.tar.zst.gpg: … | tar --zstd -xp -C …\n# BACKUP.tar.gpg: … | tar xp -C …',
    ],
    ['step.forget', 'gpgconf --kill all\nrm -r "$GNUPGHOME"\nunset GNUPGHOME'],
  ] as const
}
