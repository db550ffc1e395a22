import { execa } from 'execa'

/** Makes a disk image of a folder: ext4, with so much free space. */
export async function makeImage(folder, image, freeMebibytes) {
  const { stdout } = await execa('du', ['--summarize', '--block-size=1M', folder])
  const size = Math.ceil(Number.parseInt(stdout, 10) * 1.1) + freeMebibytes
  await execa('mkfs.ext4', ['-q', '-O', '^has_journal', '-m', '0', '-d', folder, image, `${size}M`])
}
