/** One coordinate that moves at nearly constant velocity, and how sure we are of both. */
export interface Axis {
  readonly position: number
  /** Per second. */
  readonly velocity: number
  readonly positionVariance: number
  readonly covariance: number
  readonly velocityVariance: number
}

/** An axis seen for the first time: the position is as good as the measurement, the velocity unknown. */
export function startAxis(position: number, positionStd: number, velocityStd: number): Axis {
  return { position, velocity: 0, positionVariance: positionStd ** 2, covariance: 0, velocityVariance: velocityStd ** 2 }
}

/**
 * The axis `seconds` later. `restlessness` is the spectral density of the acceleration (units²/s³): integrated over the real
 * time step, so that one step over a gap equals many small ones.
 */
export function predictAxis(axis: Axis, seconds: number, restlessness: number): Axis {
  const { velocity, covariance, velocityVariance } = axis
  return {
    position: axis.position + velocity * seconds,
    velocity,
    positionVariance:
      axis.positionVariance + 2 * covariance * seconds + velocityVariance * seconds ** 2 + (restlessness * seconds ** 3) / 3,
    covariance: covariance + velocityVariance * seconds + (restlessness * seconds ** 2) / 2,
    velocityVariance: velocityVariance + restlessness * seconds,
  }
}

/** The axis after a measurement with the given standard deviation. */
export function correctAxis(axis: Axis, measured: number, measurementStd: number): Axis {
  const total = axis.positionVariance + measurementStd ** 2
  const positionGain = axis.positionVariance / total
  const velocityGain = axis.covariance / total
  const surprise = measured - axis.position
  return {
    position: axis.position + positionGain * surprise,
    velocity: axis.velocity + velocityGain * surprise,
    positionVariance: (1 - positionGain) * axis.positionVariance,
    covariance: (1 - positionGain) * axis.covariance,
    velocityVariance: axis.velocityVariance - velocityGain * axis.covariance,
  }
}
