;; fmadd.d fa0, fa1, fa2, fa3
;; wfi
(module
  (type (;0;) (func (param i32 i32) (result i32)))
  (type (;1;) (func (param i32 i64 i64 i64 i32) (result i64)))
  (import "env" "memory" (memory (;0;) 1))
  (import "env" "shared" (table (;0;) 0 funcref))
  (func (;0;) (type 0) (param i32 i32) (result i32)
    (local i64 i64 i32 i64 i32 i64 i32 i32 i32 i32 f64 f64 f64 f64 f64 f64 f64 f64 i64 i32 i64 i32 i32)
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
    (local.set 15
      (f64.load offset=344
        (local.get 0)))
    (local.set 12
      (f64.load offset=352
        (local.get 0)))
    (local.set 13
      (f64.load offset=360
        (local.get 0)))
    (local.set 14
      (f64.load offset=368
        (local.get 0)))
    (local.set 9
      (i32.eq
        (i32.and
          (i32.load offset=640
            (local.get 0))
          (i32.const 24576))
        (i32.const 24576)))
    (local.set 10
      (i32.and
        (i32.load offset=584
          (local.get 0))
        (i32.const 1)))
    (local.set 11
      (i32.eqz
        (i32.load offset=588
          (local.get 0))))
    (block  ;; label = @1
      (if  ;; label = @2
        (i32.eqz
          (local.get 9))
        (then
          (local.set 3
            (i64.const 2))
          (br 1 (;@1;))))
      (block  ;; label = @2
        (block  ;; label = @3
          (br_if 0 (;@3;)
            (i32.eqz
              (local.get 11)))
          (local.set 17
            (local.get 12))
          (local.set 18
            (local.get 13))
          (local.set 19
            (local.get 14))
          (br_if 0 (;@3;)
            (i32.eqz
              (local.get 10)))
          (local.set 20
            (i64.reinterpret_f64
              (f64x2.extract_lane 0
                (f64x2.relaxed_madd
                  (f64x2.splat
                    (local.get 17))
                  (f64x2.splat
                    (local.get 18))
                  (f64x2.splat
                    (local.get 19))))))
          (br_if 0 (;@3;)
            (i32.eqz
              (i64.lt_u
                (i64.sub
                  (i64.and
                    (local.get 20)
                    (i64.const 9223372036854775807))
                  (i64.const 9007199254740992))
                (i64.const 9209861237972664320))))
          (local.set 16
            (f64.reinterpret_i64
              (local.get 20)))
          (br 1 (;@2;)))
        (local.set 21
          (i32.load offset=588
            (local.get 0)))
        (if  ;; label = @3
          (i32.gt_u
            (local.get 21)
            (i32.const 4))
          (then
            (local.set 3
              (i64.const 4))
            (br 2 (;@1;))))
        (local.set 22
          (call_indirect (type 1)
            (local.get 0)
            (i64.reinterpret_f64
              (local.get 12))
            (i64.reinterpret_f64
              (local.get 13))
            (i64.reinterpret_f64
              (local.get 14))
            (local.get 21)
            (i32.const 16)))
        (local.set 10
          (i32.and
            (i32.load offset=584
              (local.get 0))
            (i32.const 1)))
        (local.set 16
          (f64.reinterpret_i64
            (local.get 22))))
      (local.set 15
        (local.get 16))
      (local.set 3
        (i64.const 262164))
      (br 0 (;@1;))
      (unreachable))
    (f64.store offset=344
      (local.get 0)
      (local.get 15))
    (local.set 21
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
            (local.get 21)
            (i32.const 4))
          (i32.const 4095))))
    (local.set 23
      (i32.and
        (local.get 21)
        (i32.const 7)))
    (local.set 24
      (i32.add
        (local.get 0)
        (i32.shl
          (local.get 23)
          (i32.const 3))))
    (i64.store offset=3208
      (local.get 24)
      (i64.add
        (i64.load offset=3208
          (local.get 24))
        (i64.const 1)))
    (return
      (i32.or
        (local.get 1)
        (i32.shl
          (i32.lt_u
            (local.get 23)
            (i32.const 5))
          (i32.const 31)))))
  (export "region" (func 0)))
