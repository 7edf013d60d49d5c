import Glibc
import HTTP2
import NIOCore
import NIOPosix

/// The reason why the server cannot listen on an address, and the remedy, in one line that begins with the option.
enum ListenFailure {
  static func explain(_ error: any Error, address: ListenAddress, option: String) -> any Error {
    Failure("\(option) \(address): cannot listen: \(reason(error, address))")
  }

  private static func reason(_ error: any Error, _ address: ListenAddress) -> String {
    switch error {
    case let error as IOError: reason(error.errnoCode, address)
    case is SocketAddressError.UnknownHost: "the host is not known; write an address of this machine, or * for all"
    case is UnixDomainSocketPathWrongType: "there is \(kind(of: address)) and no socket; choose another path"
    default: "\(error)"
    }
  }

  private static func reason(_ code: Int32, _ address: ListenAddress) -> String {
    let text = String(cString: strerror(code))
    switch (code, address) {
    case (EADDRINUSE, _): return "the address is in use; stop what listens there, or choose another"
    case (EADDRNOTAVAIL, _): return "this machine has no such address; write one that it has, or * for all"
    case (EINVAL, .hostAndPort(let host, let port)) where host.contains(":"):
      return "\(text): an address of one link takes its interface, such as [\(host)%eth0]:\(port)"
    case (EAFNOSUPPORT, _): return "this kernel has no IPv6; write an IPv4 address"
    case (EACCES, .unixSocket(let path)):
      return "\(text): this user must be able to write to \(folder(of: path)); choose another path"
    case (EACCES, _): return "\(text): ports below 1024 take the capability CAP_NET_BIND_SERVICE; choose a higher one"
    case (ENOENT, .unixSocket(let path)): return "\(folder(of: path)) does not exist; make it"
    case (ENOTDIR, .unixSocket(let path)): return "\(folder(of: path)) is no folder; choose another path"
    default: return text
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "the working folder" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func kind(of address: ListenAddress) -> String {
    guard case .unixSocket(let path) = address, let status = FileStatus(path: path) else { return "something else" }
    return status.kind == .folder ? "a folder at the path" : "a file at the path"
  }
}
