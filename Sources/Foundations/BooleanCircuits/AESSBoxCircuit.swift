/// The AES S-box with 32 AND gates.
///
/// The straight-line program of Boyar and Peralta ("A new combinational logic minimization technique with applications to
/// cryptology", SEA 2010): a linear layer into the tower field GF(((2^2)^2)^2), the inversion there, a linear layer back.
/// The paper numbers bits from the most significant one.
extension CircuitBuilder {
    /// S(x) for the byte `x` of eight wires, least significant bit first; 32 AND gates.
    mutating func aesSubByte(_ x: [Wire]) -> [Wire] {
        // Several AND gates read each input: one NOT is cheaper than a correction behind every AND.
        let u = x.reversed().map { self.materialized($0) }

        // Top linear layer.
        let y14 = self.xor(u[3], u[5])
        let y13 = self.xor(u[0], u[6])
        let y9 = self.xor(u[0], u[3])
        let y8 = self.xor(u[0], u[5])
        let t0 = self.xor(u[1], u[2])
        let y1 = self.xor(t0, u[7])
        let y4 = self.xor(y1, u[3])
        let y12 = self.xor(y13, y14)
        let y2 = self.xor(y1, u[0])
        let y5 = self.xor(y1, u[6])
        let y3 = self.xor(y5, y8)
        let t1 = self.xor(u[4], y12)
        let y15 = self.xor(t1, u[5])
        let y20 = self.xor(t1, u[1])
        let y6 = self.xor(y15, u[7])
        let y10 = self.xor(y15, t0)
        let y11 = self.xor(y20, y9)
        let y7 = self.xor(u[7], y11)
        let y17 = self.xor(y10, y11)
        let y19 = self.xor(y10, y8)
        let y16 = self.xor(t0, y11)
        let y21 = self.xor(y13, y16)
        let y18 = self.xor(u[0], y16)

        // Inversion: down to GF(2^4) with nine products, five for the inverse there, eighteen to come back.
        let t2 = self.and(y12, y15)
        let t4 = self.xor(self.and(y3, y6), t2)
        let t6 = self.xor(self.and(y4, u[7]), t2)
        let t7 = self.and(y13, y16)
        let t9 = self.xor(self.and(y5, y1), t7)
        let t11 = self.xor(self.and(y2, y7), t7)
        let t12 = self.and(y9, y11)
        let t14 = self.xor(self.and(y14, y17), t12)
        let t16 = self.xor(self.and(y8, y10), t12)
        let t21 = self.xor(t4, t14, y20)
        let t22 = self.xor(t6, t16, y19)
        let t23 = self.xor(t9, t14, y21)
        let t24 = self.xor(t11, t16, y18)

        let t25 = self.xor(t21, t22)
        let t26 = self.and(t21, t23)
        let t27 = self.xor(t24, t26)
        let t29 = self.xor(self.and(t25, t27), t22)
        let t31 = self.xor(t22, t26)
        let t33 = self.xor(self.and(t31, self.xor(t23, t24)), t24)
        let t35 = self.xor(t27, t33)
        let t36 = self.and(t24, t35)
        let t37 = self.xor(t36, self.xor(t23, t33))
        let t38 = self.xor(t27, t36)
        let t40 = self.xor(t25, self.and(t29, t38))
        let t41 = self.xor(t40, t37)
        let t42 = self.xor(t29, t33)
        let t43 = self.xor(t29, t40)
        let t44 = self.xor(t33, t37)
        let t45 = self.xor(t42, t41)

        let factors = [
            (t44, y15), (t37, y6), (t33, u[7]), (t43, y16), (t40, y1), (t29, y7), (t42, y11), (t45, y17), (t41, y10),
            (t44, y12), (t37, y3), (t33, y4), (t43, y13), (t40, y5), (t29, y2), (t42, y9), (t45, y14), (t41, y8),
        ]
        let z = factors.map { self.and($0, $1) }

        // Bottom linear layer.
        let t46 = self.xor(z[15], z[16])
        let t47 = self.xor(z[10], z[11])
        let t48 = self.xor(z[5], z[13])
        let t49 = self.xor(z[9], z[10])
        let t50 = self.xor(z[2], z[12])
        let t51 = self.xor(z[2], z[5])
        let t52 = self.xor(z[7], z[8])
        let t53 = self.xor(z[0], z[3])
        let t54 = self.xor(z[6], z[7])
        let t55 = self.xor(z[16], z[17])
        let t56 = self.xor(z[12], t48)
        let t57 = self.xor(t50, t53)
        let t58 = self.xor(z[4], t46)
        let t59 = self.xor(z[3], t54)
        let t60 = self.xor(t46, t57)
        let t61 = self.xor(z[14], t57)
        let t62 = self.xor(t52, t58)
        let t63 = self.xor(t49, t58)
        let t64 = self.xor(z[4], t59)
        let t65 = self.xor(t61, t62)
        let t66 = self.xor(z[1], t63)
        let t67 = self.xor(t64, t65)
        let s3 = self.xor(t53, t66)
        let s = [
            self.xor(t59, t63),
            ~self.xor(t64, s3),
            ~self.xor(t55, t67),
            s3,
            self.xor(t51, t66),
            self.xor(t47, t65),
            ~self.xor(t56, t62),
            ~self.xor(t48, t60),
        ]
        return s.reversed()
    }
}
