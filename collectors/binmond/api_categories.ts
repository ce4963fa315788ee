import type { imports_exports } from "../../profiles/imports_exports.ts";

/** What a function is for, as `imports_exports.api_category` has it. */
export type ApiCategory = (typeof imports_exports.columns.api_category)[2]["values"][number];

/** Functions of one kind. */
export interface ApiGroup {
  /** What they are for. */
  readonly category: ApiCategory;
  /** Whether malware uses them more than other programs do; no, if absent. */
  readonly suspicious?: true;
  /** Their names, with white space between them. */
  readonly names: string;
}

/**
 * What functions are for, in the words of their manual pages. `suspicious` is what serves to act within other processes,
 * to run code that is in no file, to hide, to watch what a person types, or to change the kernel: good programs use such
 * functions, too (debuggers, sandboxes, tracers), but few of them. A single one proves nothing. Where a name stands for
 * several systems, it means the same on each.
 */
export const API_GROUPS: readonly ApiGroup[] = [
  // Other processes: their memory, their threads, what they run.
  {
    category: "debug",
    suspicious: true,
    names: `ptrace process_vm_readv process_vm_writev
      task_for_pid mach_vm_read mach_vm_write mach_vm_protect vm_write thread_create_running
      ReadProcessMemory DebugActiveProcess NtReadVirtualMemory MiniDumpWriteDump`,
  },
  {
    category: "process",
    suspicious: true,
    names:
      `WriteProcessMemory CreateRemoteThread CreateRemoteThreadEx RtlCreateUserThread NtCreateThreadEx
      QueueUserAPC NtQueueApcThread SetThreadContext NtSetContextThread Wow64SetThreadContext
      NtUnmapViewOfSection ZwUnmapViewOfSection NtWriteVirtualMemory NtMapViewOfSection
      VirtualAllocEx VirtualProtectEx SetWindowsHook SetWindowsHookEx
      CreateToolhelp32Snapshot Process32First Process32Next`,
  },
  // Code that is in no file, or that no linker has put there.
  { category: "memory", suspicious: true, names: "memfd_create userfaultfd remap_file_pages" },
  { category: "process", suspicious: true, names: "fexecve execveat" },
  // What a debugger or a sandbox is told by.
  {
    category: "debug",
    suspicious: true,
    names:
      `IsDebuggerPresent CheckRemoteDebuggerPresent NtQueryInformationProcess NtSetInformationThread
      OutputDebugString`,
  },
  // What people type and see.
  {
    category: "other",
    suspicious: true,
    names:
      `GetAsyncKeyState GetKeyState GetKeyboardState RegisterRawInputDevices GetForegroundWindow
      XRecordEnableContext XQueryKeymap XGrabKeyboard CGEventTapCreate`,
  },
  // Modules of the kernel, and what within it hides things or gives powers.
  {
    category: "loader",
    suspicious: true,
    names: "init_module finit_module delete_module kexec_load",
  },
  {
    category: "privilege",
    suspicious: true,
    names: `commit_creds prepare_kernel_cred prepare_creds override_creds
      AdjustTokenPrivileges LookupPrivilegeValue DuplicateTokenEx ImpersonateLoggedOnUser
      CreateProcessWithTokenW CreateProcessWithLogonW LsaRetrievePrivateData
      AuthorizationExecuteWithPrivileges`,
  },
  {
    category: "loader",
    suspicious: true,
    names: `kallsyms_lookup_name kallsyms_on_each_symbol register_kprobe register_kretprobe
      register_ftrace_function ftrace_set_filter_ip nf_register_net_hook`,
  },
  // Raw packets.
  {
    category: "network",
    suspicious: true,
    names: `pcap_open_live pcap_create pcap_activate pcap_inject pcap_sendpacket libnet_init
      URLDownloadToFile InternetOpenUrl`,
  },
  // Services and tasks that outlive a restart.
  {
    category: "process",
    suspicious: true,
    names: "CreateService ChangeServiceConfig ChangeServiceConfig2 StartService SMJobBless",
  },
  // Passwords and keys that belong to others.
  {
    category: "crypto",
    suspicious: true,
    names: `CryptUnprotectData CredEnumerate SamIConnect LsaEnumerateLogonSessions
      SecKeychainFindGenericPassword SecKeychainItemCopyContent`,
  },

  {
    category: "process",
    names:
      `fork vfork clone clone3 execl execle execlp execv execve execvp execvpe posix_spawn posix_spawnp
      system popen pclose wait wait3 wait4 waitpid waitid kill tkill tgkill killpg sigqueue
      pidfd_open pidfd_send_signal pidfd_getfd _exit exit daemon setsid setpgid getpid getppid
      pthread_create pthread_cancel pthread_kill pthread_setname_np sched_setaffinity setpriority nice
      prctl getrlimit setrlimit prlimit unshare setns
      CreateProcess CreateProcessAsUser CreateProcessInternalW ShellExecute WinExec OpenProcess TerminateProcess
      CreateThread OpenThread SuspendThread ResumeThread TerminateThread GetThreadContext ExitProcess
      EnumProcesses NtCreateProcess NtCreateUserProcess OpenSCManager OpenService ControlService
      thread_get_state task_threads proc_listpids proc_pidpath NSTask`,
  },
  {
    category: "memory",
    names:
      `mmap mmap2 munmap mremap mprotect pkey_mprotect madvise mlock mlock2 mlockall munlock brk sbrk
      malloc calloc realloc reallocarray free posix_memalign aligned_alloc memalign
      shmget shmat shmdt shmctl shm_open shm_unlink
      VirtualAlloc VirtualProtect VirtualFree VirtualQuery VirtualLock HeapAlloc HeapCreate HeapFree HeapReAlloc
      CreateFileMapping OpenFileMapping MapViewOfFile UnmapViewOfFile NtAllocateVirtualMemory NtProtectVirtualMemory
      GlobalAlloc LocalAlloc vm_allocate vm_protect mach_vm_allocate`,
  },
  {
    category: "file",
    names:
      `open openat openat2 creat close read write pread pwrite readv writev preadv pwritev lseek
      fopen fdopen freopen fclose fread fwrite fgets fputs fflush fseek ftell
      stat fstat lstat fstatat statx xstat fxstat lxstat access faccessat faccessat2
      rename renameat renameat2 unlink unlinkat remove link linkat symlink symlinkat readlink readlinkat
      mkdir mkdirat rmdir opendir fdopendir readdir readdir_r closedir scandir getdents nftw fts_open
      chmod fchmod fchmodat chown fchown lchown fchownat truncate ftruncate fallocate posix_fallocate
      utime utimes utimensat futimens futimes mkstemp mkstemps mkdtemp mkostemp tmpfile
      setxattr getxattr listxattr removexattr fsetxattr fgetxattr flock lockf fsync fdatasync sync
      mount umount umount2 pivot_root chroot sendfile splice copy_file_range
      inotify_init inotify_init1 inotify_add_watch fanotify_init fanotify_mark
      CreateFile ReadFile WriteFile DeleteFile MoveFile CopyFile CreateDirectory RemoveDirectory
      FindFirstFile FindNextFile GetFileAttributes SetFileAttributes SetFilePointer SetFileTime GetFileSize
      GetTempPath GetTempFileName LockFile DeviceIoControl ReadDirectoryChanges NtCreateFile NtReadFile NtWriteFile`,
  },
  {
    category: "network",
    names:
      `socket socketpair connect bind listen accept accept4 send sendto sendmsg sendmmsg recv recvfrom
      recvmsg recvmmsg shutdown setsockopt getsockopt getpeername getsockname
      getaddrinfo freeaddrinfo getnameinfo gethostbyname gethostbyname2 gethostbyname_r gethostbyaddr
      inet_addr inet_aton inet_ntoa inet_ntop inet_pton getifaddrs if_nametoindex res_query res_search res_send
      select pselect poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait kqueue kevent
      ntohs ntohl htons htonl
      WSAStartup WSASocket WSAConnect WSASend WSARecv WSAIoctl closesocket ioctlsocket
      InternetOpen InternetConnect InternetReadFile HttpOpenRequest HttpSendRequest FtpPutFile
      DnsQuery GetAdaptersAddresses GetAdaptersInfo NetShareEnum WNetAddConnection
      CFSocketCreate CFStreamCreatePairWithSocketToHost`,
  },
  {
    category: "registry",
    names: `RegOpenKey RegCreateKey RegSetValue RegQueryValue RegDeleteKey RegDeleteValue RegEnumKey
      RegEnumValue RegCloseKey RegSaveKey RegLoadKey RegNotifyChangeKeyValue SHSetValue SHGetValue
      NtCreateKey NtOpenKey NtSetValueKey NtQueryValueKey NtDeleteKey NtDeleteValueKey`,
  },
  {
    category: "crypto",
    names: `crypt crypt_r getrandom getentropy arc4random arc4random_buf
      RAND_bytes AES_encrypt AES_set_encrypt_key MD5_Init SHA1_Init SHA256_Init
      CryptAcquireContext CryptCreateHash CryptHashData CryptEncrypt CryptDecrypt CryptGenKey CryptGenRandom
      CryptImportKey CryptDeriveKey CryptProtectData ProcessPrng SystemFunction036 RtlGenRandom
      CCCrypt CCCryptorCreate SecRandomCopyBytes CCRandomGenerateBytes`,
  },
  {
    category: "debug",
    names: `backtrace backtrace_symbols perf_event_open DebugBreak AddVectoredExceptionHandler
      SetUnhandledExceptionFilter UnhandledExceptionFilter StackWalk64 SymInitialize SymFromAddr
      RtlCaptureContext RtlLookupFunctionEntry RtlVirtualUnwind`,
  },
  {
    category: "loader",
    names: `dlopen dlmopen dlsym dlvsym dlclose dladdr dladdr1 dlinfo dlerror dl_iterate_phdr
      LoadLibrary GetProcAddress GetModuleHandle GetModuleFileName FreeLibrary LdrLoadDll LdrGetProcedureAddress
      LdrGetDllHandle NSLookupSymbolInImage NSCreateObjectFileImageFromMemory NSLinkModule
      _dyld_register_func_for_add_image request_module`,
  },
  {
    category: "privilege",
    names:
      `setuid setgid seteuid setegid setreuid setregid setresuid setresgid setfsuid setfsgid setgroups
      initgroups getuid geteuid getgid getegid capset capget cap_set_proc cap_get_proc
      pam_start pam_authenticate pam_acct_mgmt pam_open_session pam_setcred
      getpwnam getpwuid getspnam getgrnam
      OpenProcessToken OpenThreadToken GetTokenInformation SetTokenInformation LogonUser RevertToSelf
      AllocateAndInitializeSid CheckTokenMembership SetSecurityInfo SetNamedSecurityInfo`,
  },
];

/** Libraries whose functions begin alike and do one thing; the first that fits counts. */
export const API_FAMILIES: readonly (readonly [beginning: string, category: ApiCategory])[] = [
  ["EVP_", "crypto"],
  ["SSL_", "crypto"],
  ["BIO_", "crypto"],
  ["X509_", "crypto"],
  ["RSA_", "crypto"],
  ["EC_KEY_", "crypto"],
  ["HMAC_", "crypto"],
  ["gcry_", "crypto"],
  ["gnutls_", "crypto"],
  ["mbedtls_", "crypto"],
  ["crypto_", "crypto"],
  ["BCrypt", "crypto"],
  ["NCrypt", "crypto"],
  ["curl_", "network"],
  ["WinHttp", "network"],
  ["Internet", "network"],
  ["WSA", "network"],
  ["ares_", "network"],
  ["pcap_", "network"],
  ["nghttp2_", "network"],
];
