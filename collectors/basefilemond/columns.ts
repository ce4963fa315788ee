/** What Deno tells of a file on every platform; of Windows without those of {@linkcode UNIX_COLUMNS}. */
export const FILE_COLUMNS: readonly string[] = [
  ...["file_path", "file_name", "directory", "file_size", "file_type", "created_time"],
  ...["modified_time", "accessed_time", "file_change_time", "device_id", "inode", "hard_links"],
  ...["permissions", "owner_user", "owner_group", "file_mode", "file_uid", "file_gid"],
  ...["block_size", "blocks_allocated", "symlink_target", "file_extension", "file_backup"],
  ...["file_hidden", "file_readonly", "file_executable", "file_directory", "file_symlink"],
  ...["file_socket", "file_pipe", "file_device", "file_special", "sha256_hash"],
];

/** Columns whose numbers mean nothing on Windows. */
export const UNIX_COLUMNS: readonly string[] = [
  ...["permissions", "owner_user", "owner_group", "file_mode", "file_uid", "file_gid"],
  ...["block_size", "blocks_allocated", "file_hidden", "file_executable"],
];
