import COpenBLAS

/// General matrix multiplication in fp32, by OpenBLAS: activations by activations. Linear layers have packed weights and
/// kernels of their own, see ``DenseWeights``.
public enum GEMM {
  /// Makes each call run on the thread that makes it: parallelism comes from running several passes at once,
  /// which needs no barrier inside a layer.
  public static func useCallingThreadOnly() {
    openblas_set_num_threads(1)
  }

  /// output = a · bᵀ, for a: m × k, b: n × k.
  public static func multiply(_ a: MatrixWindow, transposed b: MatrixWindow, into output: MatrixWindow) {
    precondition(a.columns == b.columns && output.rows == a.rows && output.columns == b.rows)
    multiply(
      rows: output.rows, columns: output.columns, depth: a.columns, a: a.pointer, aStride: a.stride,
      b: b.pointer, bStride: b.stride, bTransposed: true, into: output)
  }

  /// output = a · b, for a: m × k, b: k × n.
  public static func multiply(_ a: MatrixWindow, _ b: MatrixWindow, into output: MatrixWindow) {
    precondition(a.columns == b.rows && output.rows == a.rows && output.columns == b.columns)
    multiply(
      rows: output.rows, columns: output.columns, depth: a.columns, a: a.pointer, aStride: a.stride,
      b: b.pointer, bStride: b.stride, bTransposed: false, into: output)
  }

  private static func multiply(
    rows: Int, columns: Int, depth: Int, a: UnsafePointer<Float>, aStride: Int,
    b: UnsafePointer<Float>, bStride: Int, bTransposed: Bool, into output: MatrixWindow
  ) {
    guard rows > 0, columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, CblasNoTrans, bTransposed ? CblasTrans : CblasNoTrans,
      blasint(rows), blasint(columns), blasint(depth), 1, a, blasint(aStride), b, blasint(bStride),
      0, output.pointer, blasint(output.stride))
  }
}
