;; div a0, a1, a2
;; wfi
(module
  (type (;0;) (func (param i32 i32) (result i32)))
  (import "env" "memory" (memory (;0;) 1))
  (import "env" "shared" (table (;0;) 0 funcref))
  (func (;0;) (type 0) (param i32 i32) (result i32)
    (local i64 i64 i32 i64 i32 i64 i32 i32 i32 i32 i64 i64 i64 i64 i64 i32 i32 i32)
    (if  ;; label = @1
      (i32.lt_s
        (local.get 1)
        (i32.const 1))
      (then
        (return
          (local.get 1))))
    (local.set 5
      (i64.and
        (i64.load offset=520
          (local.get 0))
        (i64.const -4096)))
    (local.set 6
      (i32.load offset=556
        (local.get 0)))
    (local.set 14
      (i64.load offset=80
        (local.get 0)))
    (local.set 12
      (i64.load offset=88
        (local.get 0)))
    (local.set 13
      (i64.load offset=96
        (local.get 0)))
    (block  ;; label = @1
      (local.set 15
        (local.get 12))
      (local.set 16
        (local.get 13))
      (local.set 14
        (if (result i64)  ;; label = @2
          (i64.eqz
            (local.get 16))
          (then
            (i64.const -1))
          (else
            (if (result i64)  ;; label = @3
              (i64.eq
                (local.get 16)
                (i64.const -1))
              (then
                (i64.sub
                  (i64.const 0)
                  (local.get 15)))
              (else
                (i64.div_s
                  (local.get 15)
                  (local.get 16)))))))
      (local.set 3
        (i64.const 262164))
      (br 0 (;@1;))
      (unreachable))
    (i64.store offset=80
      (local.get 0)
      (local.get 14))
    (local.set 17
      (i32.wrap_i64
        (local.get 3)))
    (i64.store offset=520
      (local.get 0)
      (i64.add
        (local.get 5)
        (i64.shr_s
          (local.get 3)
          (i64.const 16))))
    (local.set 1
      (i32.sub
        (local.get 1)
        (i32.and
          (i32.shr_u
            (local.get 17)
            (i32.const 4))
          (i32.const 4095))))
    (local.set 18
      (i32.and
        (local.get 17)
        (i32.const 7)))
    (local.set 19
      (i32.add
        (local.get 0)
        (i32.shl
          (local.get 18)
          (i32.const 3))))
    (i64.store offset=3208
      (local.get 19)
      (i64.add
        (i64.load offset=3208
          (local.get 19))
        (i64.const 1)))
    (return
      (i32.or
        (local.get 1)
        (i32.shl
          (i32.lt_u
            (local.get 18)
            (i32.const 5))
          (i32.const 31)))))
  (export "region" (func 0)))
