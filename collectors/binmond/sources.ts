import type { binary_analysis } from "../../profiles/binary_analysis.ts";
import type { code_signing } from "../../profiles/code_signing.ts";
import type { imports_exports } from "../../profiles/imports_exports.ts";
import type { yara_matches } from "../../profiles/yara_matches.ts";
import type { ColumnSources } from "../../schema/sources.ts";
import { COMPLEXITY_BOUNDS } from "./complexity.ts";
import { MAX_CONTENT } from "./contents.ts";
import { MAX_SCANNED, MAX_SEARCHED } from "./limits.ts";
import { MAX_STRINGS } from "../../dialect/yara/types.ts";

const ASKED = "the pid that was asked for, where one was";
const KEY = "boot id, pid, `/proc/<pid>/stat` field 22, where it was asked for by pid";
const PATH =
  "the path that was asked for, links followed; by process the link `/proc/<pid>/exe` without the mark ` (deleted)`, proc_pid_exe(5)";
const WHOLE = `all bytes of the file, read as it is; files above ${
  MAX_CONTENT / 2 ** 30
} GB are not read`;

/** Where `binary_analysis` has its columns from on Linux. */
export const analysisSources: ColumnSources<typeof binary_analysis, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  file_name: "the last part of that path",
  file_size: "`st_size` of the open file, fstat(2)",
  file_format:
    "the first bytes: `\\x7fELF`, elf(5); `MZ` and the signature `PE\\0\\0`; the numbers of Mach-O, also of fat files; `#!`",
  architecture:
    "`e_machine`, elf(5); `Machine` of PE; `cputype` of Mach-O, of all images of a fat file; NULL for processors that are not listed",
  platform:
    "of ELF `EI_OSABI`, the loader, the note `NT_GNU_ABI_TAG`, the C library asked for, `.modinfo` or what Go says; PE is for Windows unless its subsystem is the firmware; of Mach-O `LC_BUILD_VERSION` or `LC_VERSION_MIN_MACOSX`; NULL where none of these says one of the three systems",
  compiler:
    "the build information of Go; the texts in the section `.comment` of ELF; the commit in `/rustc/` paths; of PE the version of .NET, the text of GCC or the build in the `Rich` header; of Mach-O the tools in `LC_BUILD_VERSION`; NULL where the file says nothing, as stripped ones do",
  build_tool:
    "marks and names of sections that packers and bundlers leave; else the linker: its text in `.comment`, the linker's version of PE, the tools in `LC_BUILD_VERSION`",
  entropy: `Shannon entropy over ${WHOLE}`,
  complexity:
    `sections, entries of symbol tables and libraries asked for, counted together: below ${COMPLEXITY_BOUNDS.medium} low, from ${COMPLEXITY_BOUNDS.high} on high; NULL for scripts and unknown formats`,
  created_time: "`stx_btime`, statx(2); NULL where the filesystem keeps none",
  modified_time: "`st_mtim` of the open file, fstat(2)",
  sha256_hash: `SHA-256 over ${WHOLE}`,
  md5_hash: `MD5 over ${WHOLE}`,
  analysis_time:
    "the clock when the file was read; results are kept for an hour while device, inode, size, mtime and ctime stay, but of filesystems such as tmpfs, where content can change without them",
};

/** Where `imports_exports` has its columns from on Linux. */
export const symbolSources: ColumnSources<typeof imports_exports, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  import_type:
    "of ELF the dynamic segment's symbols, undefined ones as imports, and functions and what else lies among code as exports, or `.symtab` of a file that is not linked, elf(5); of PE the import, delay-load and export directories; of Mach-O the loader's bindings, chained imports, trie of exports and the symbol table",
  library_name:
    "of ELF the library of the symbol's version (`DT_VERNEED`), or the only one that is asked for (`DT_NEEDED`), else NULL; of PE and Mach-O the library that the import names, for an export the one that it is passed on to. A library no function of which is named has a row of its own",
  function_name:
    "the name in the tables of symbols; of ELF without version, of Mach-O without its first `_`; NULL where PE imports by ordinal",
  ordinal: "the ordinal of an import by number, and of exports, of PE; ELF and Mach-O have none",
  address:
    "`st_value` where it is not 0; of PE the address of the import's slot or of the exported function; of Mach-O the exported address, from the header",
  api_category:
    "the list in `collectors/binmond/api_categories.ts`, by name; `other` for what it does not have",
  suspicious: "the same list",
};

/** Where `yara_matches` has its columns from on Linux. */
export const matchSources: ColumnSources<typeof yara_matches, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  scan_target:
    "`memory` where it was asked for by pid and a query of the detection says so with `=` or `IN`; `file` where it says so, or says nothing",
  rule_name:
    `YARA 4.2.3 with the modules pe, elf, math, hash, dotnet, time and console, compiled to WebAssembly (libyara-wasm), or for files the system's where \`collectors.yara.engine\` says so, over all bytes of the file; not evaluated for files above ${
      MAX_SCANNED / 2 ** 20
    } MB and for those that take too long. In memory, over what is in memory of all regions and no mere copy of a file (\`/proc/<pid>/mem\`, proc_pid_mem(5)), piece after piece in one buffer of at most ${
      MAX_SEARCHED / 2 ** 20
    } MB: rules have to go by their strings there, since \`filesize\` and positions are those of the buffer; beyond it the rest is not evaluated`,
  rule_namespace: "the rule file, as the detection names it",
  rule_category: "the rule's metadata `category`, else its first tag",
  rule_severity: "the rule's metadata `severity`",
  match_count:
    "all places of all strings of the rule, as `yara -s` lists them; 0 for a rule without strings",
  match_strings:
    `the first ${MAX_STRINGS} of these places, string by string; data as \`yara -s\` shows them, of long ones the beginning; in memory the address, the first characters, at most 4 and a quarter, and the SHA-256 of the whole`,
  rule_metadata: "the metadata in the rule's text",
  scan_time:
    "the clock when the file or the memory was read; results of files are kept for an hour as those of `binary_analysis` are, for the same rules",
};

const AUTHENTICODE =
  "of PE the first signature, Authenticode with PKCS#7 (RFC 2315): the digest of the file as it is, the digest of what is signed, and the signature by the signer's key";
const MODULE =
  "of kernel modules the PKCS#7 message before the mark `~Module signature appended~`, over all bytes before it (`scripts/sign-file.c`). The kernel's own carry no certificate: the value is missing unless the message has one or it lies where DKMS, Ubuntu's shim or the kernel's build folder keep theirs (`/var/lib/dkms/mok.pub`, `/var/lib/shim-signed/mok/MOK.der`, `/lib/modules/<release>/build/certs/signing_key.x509`); the kernel's keyring does not give its keys away. Modules compressed by gzip and zstd are unpacked, by their names (`.ko.gz`); all is missing of those of xz";
const MACH_O =
  "of Mach-O the digests of all pages and of the parts of the signature in every code directory, and the CMS message over the directory where it is not ad hoc (cs_blobs.h); of a fat file all images have to be signed, and by one signer. Resources of a bundle and `Info.plist` are not looked for";
const RECORD =
  "dpkg's lists in `/var/lib/dpkg/info`, with diversions, rpm's `rpmdb.sqlite` and apk's `installed`, as they are on disk; missing where the host has no such record, one that is incomplete or not read (pacman, rpm's older databases), and for files that do not stand at their path on the host, as those of containers";

/** Where `code_signing` has its columns from on Linux. */
export const signatureSources: ColumnSources<typeof code_signing, "linux"> = {
  pid: ASKED,
  process_key: KEY,
  file_path: PATH,
  signed:
    "whether the file carries a signature: the directory of certificates of PE, `LC_CODE_SIGNATURE` of Mach-O, the mark `~Module signature appended~` at the end of ELF. Signatures of packages and of IMA are not looked for",
  signature_valid:
    `${AUTHENTICODE}; ${MODULE}; ${MACH_O}. False for a signature that cannot be read`,
  certificate_chain:
    "the signer's certificate, and those known of which each has issued the one before, their signatures tried",
  signing_authority:
    "the common name, else the organisation, of who issued the signer's certificate, also where that is only named",
  publisher: "the same of the signer, from the certificate",
  timestamp:
    "the time in the countersignature of PE and Mach-O, a token of RFC 3161 or PKCS#9, where it fits the signature and is itself signed by the certificate that is with it, of which nobody is asked; missing where it does not, or is of another kind; of a fat file the first image's",
  revocation_status: "`unknown` for what somebody has signed: nobody is asked",
  trust_level:
    "`untrusted` where the signature does not fit, or a package owns the file and recorded another digest; else `trusted` where that digest fits, which says that the file is what the package brought as far as the record is, MD5 with dpkg, which root can rewrite; else `self_signed` where the signature fits and the signer is its own issuer, or nobody as in ad hoc signatures; `unsigned` where there is no signature and no package owns it; `unknown` where a signature fits that leads to somebody else, since the authorities that the host trusts for TLS are none for programs, where it cannot be tried, and where a package owns the file without a digest",
  package_owned: `the path, links followed: ${RECORD}`,
  package_name: "the name of that package, without its architecture",
  package_manager: "the same",
  package_intact:
    "the digest over all bytes of the file: MD5 of `/var/lib/dpkg/info/*.md5sums`, `FILEDIGESTS` of rpm's headers, SHA-1 of apk's record, but of nothing below `/etc`. dpkg records none for configuration files and for what maintainers' scripts make. Missing for files that have lost their name, since another may stand there",
  signature_format: "the format of the file",
  signature_details:
    "of PE the hash function; of modules hash function and issuer and serial number, or the identifier of the key, of the signer's certificate; of Mach-O for each image the identifier, team, flags and whether there are entitlements, from the first code directory, and the hash of the best one (`cdhash`)",
};
